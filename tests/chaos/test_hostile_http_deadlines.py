"""Whatever is sent to the service of the deadlines is answered as documented, never with a 5xx.

Attack and control are those of `test_hostile_http.py`.
"""

import pytest

from tests.chaos.hostile_service import expect_documented_answers
from tests.chaos.installation import Installation

pytestmark = pytest.mark.chaos


def test_whatever_is_sent_the_answer_is_a_documented_one(installation: Installation) -> None:
    expect_documented_answers(installation, "deadlines")
