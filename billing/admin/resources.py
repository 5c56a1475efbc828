"""The columns of finance's spreadsheets; amounts in major units, moments in UTC."""

from import_export.fields import Field

from billing.admin.export import AmountField, SafeResource


class OrderResource(SafeResource):
    order = Field("public_id", "Order")
    reference = Field("reference", "Reference")
    customer = Field("organisation__legal_name", "Customer")
    customer_id = Field("organisation__public_id", "Customer id")
    product = Field("product__name", "Product")
    quantity = Field("quantity", "Quantity")
    status = Field("status", "Status")
    pay_by = Field("pay_by", "Way to pay")
    currency = Field("currency", "Currency")
    net = AmountField("net_amount", "Net")
    tax = AmountField("tax_amount", "Tax")
    total = AmountField("gross_amount", "Total")
    purchase_order = Field("purchase_order", "Purchase order")
    placed = Field("placed_at", "Placed (UTC)")
    accepted = Field("accepted_at", "Accepted (UTC)")


class DocumentResource(SafeResource):
    number = Field("number", "Number")
    kind = Field("kind", "Kind")
    customer = Field("organisation__legal_name", "Customer")
    customer_id = Field("organisation__public_id", "Customer id")
    order = Field("order__public_id", "Order")
    date = Field("issued_on", "Date")
    due = Field("due_on", "Due")
    currency = Field("currency", "Currency")
    net = AmountField("net_amount", "Net")
    tax = AmountField("tax_amount", "Tax")
    total = AmountField("gross_amount", "Total")
    purchase_order = Field("purchase_order", "Purchase order")


class PaymentResource(SafeResource):
    payment = Field("public_id", "Payment")
    customer = Field("organisation__legal_name", "Customer")
    customer_id = Field("organisation__public_id", "Customer id")
    order = Field("order__public_id", "Order")
    method = Field("method", "Method")
    received = Field("received_on", "Received on")
    currency = Field("currency", "Currency")
    amount = AmountField("amount", "Amount")
    reference = Field("reference", "Reference")
    intent = Field("payment_intent_id", "Stripe payment")
