"""A client library that we did not write verifies our keys and files, offline."""

import keygen
import pytest
from keygen.files import LicenseFile
from keygen.verifier import Verifier

from licensing.domain.files import block_of, build_licence_file, with_key
from licensing.domain.keys import SCHEME, sign_key
from licensing.domain.payload import from_json
from licensing.domain.resources import licence_resource
from tests.domain.keymaker import PAYLOAD, SIGNING_KEY, STRANGER

KEY = sign_key(PAYLOAD, SIGNING_KEY)
PUBLIC_KEY = SIGNING_KEY.public_key.hex()
LICENCE = licence_resource(PAYLOAD, key=KEY, name="Distribution Engine", status="ACTIVE")


def sdk_file(**how: object) -> LicenseFile:
    block = build_licence_file(LICENCE, SIGNING_KEY, issued=PAYLOAD.created, **how)
    return LicenseFile(certificate=block_of(with_key(block, KEY)))


@pytest.fixture(autouse=True)
def _no_clock(monkeypatch):
    """The file in this test is issued at a fixed time, whatever the day of the run."""
    monkeypatch.setattr(keygen._config.settings, "max_clock_drift", None)


def test_given_our_public_key_when_the_sdk_verifies_a_key_then_it_returns_our_payload():
    dataset = Verifier(PUBLIC_KEY).verify_license_key(SCHEME, KEY)
    assert from_json(dataset) == PAYLOAD


def test_given_a_licence_object_of_the_sdk_when_it_verifies_then_it_is_genuine():
    licence = keygen.License.from_resource(LICENCE)
    assert from_json(licence.verify(PUBLIC_KEY)).seats == 12


def test_given_one_byte_changed_anywhere_when_the_sdk_verifies_then_it_refuses():
    # Of the signature's last characters the SDK ignores the padding and the bits that base64
    # leaves unused, so those are not part of what it verifies; our own reader refuses them too.
    for place in range(len(KEY) - len("g==")):
        other = "A" if KEY[place] != "A" else "B"
        with pytest.raises(keygen.LicenseKeyNotGenuineError):
            Verifier(PUBLIC_KEY).verify_license_key(SCHEME, KEY[:place] + other + KEY[place + 1 :])


def test_given_another_public_key_when_the_sdk_verifies_then_it_refuses():
    with pytest.raises(keygen.LicenseKeyNotGenuineError):
        Verifier(STRANGER.public_key.hex()).verify_license_key(SCHEME, KEY)


def test_given_a_downloaded_file_when_the_sdk_reads_its_block_then_it_is_genuine():
    file = sdk_file()
    file.verify(PUBLIC_KEY)
    dataset = file.decode()
    assert dataset.license.key == KEY
    assert dataset.license.expiry == PAYLOAD.expiry
    assert dataset.license.metadata["seats"] == 12
    assert (dataset.issued, dataset.expiry) == (PAYLOAD.created, None)


def test_given_an_encrypted_file_when_the_sdk_decrypts_it_with_the_key_then_it_opens():
    file = sdk_file(licence_key=KEY)
    file.verify(PUBLIC_KEY)
    assert file.decrypt(KEY).license.id == PAYLOAD.license_id
    with pytest.raises(keygen.LicenseFileError):
        file.decrypt(KEY + "x")


def test_given_a_file_of_another_signer_when_the_sdk_verifies_then_it_refuses():
    with pytest.raises(keygen.LicenseFileNotGenuineError):
        sdk_file().verify(STRANGER.public_key.hex())
