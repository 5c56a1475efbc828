"""URLs of the buyer's pages; `portal.urls` says where each list is mounted."""

from django.urls import URLPattern, path

from billing.views import buying, documents, orders, pay_link, paying, prices, review

app_name = "billing"

# At the root, without a namespace.
public_urls: list[URLPattern] = [
    path("", prices.prices, name="prices"),
    path("buy/<slug:slug>/", prices.public_buy, name="public_buy"),
    path("buy/<slug:slug>/continue/", prices.continue_buying, name="continue_buying"),
]

# Below /o/<organisation>/, in the namespace "billing".
organisation_urls: list[URLPattern] = [
    path("buy/<slug:slug>/", buying.buy, name="buy"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<str:order>/", orders.order, name="order"),
    path("orders/<str:order>/review/", review.review, name="review"),
    path("orders/<str:order>/pay/", paying.pay_order, name="pay_order"),
    path("orders/<str:order>/return/", paying.checkout_return, name="checkout_return"),
    path("orders/<str:order>/cancel/", orders.cancel, name="cancel_order"),
    path("orders/<str:order>/answer/", orders.answer, name="answer_order"),
    path("documents/", documents.documents, name="documents"),
    path("documents/<str:document>/pdf/", documents.document_pdf, name="document_pdf"),
]

# Below /pay/<token>/, in the namespace "pay".
pay_urls: list[URLPattern] = [
    path("", pay_link.show, name="show"),
    path("card/", pay_link.pay, name="card"),
    path("return/", pay_link.back, name="back"),
    path("documents/<str:document>/pdf/", pay_link.document_pdf, name="document_pdf"),
]
