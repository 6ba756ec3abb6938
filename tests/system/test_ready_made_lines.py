"""The lines that a start prints work as they stand when they are pasted into a shell."""

import json
import subprocess

from deploy.local.words import examples
from tests.system.running import System
from tests.system.waiting import until


def pasted(*lines: str) -> str:
    run = subprocess.run(
        ["bash", "-c", "\n".join(lines)], capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_curl_lines_notify_a_death_and_read_its_clocks(system: System) -> None:
    to_notify, to_read = examples(system.home)[1:4], examples(system.home)[4:8]
    answer = pasted(*to_notify).strip()
    reference = json.loads(answer)["reference"]

    def opened() -> list[str]:
        items = json.loads(pasted(f"ANSWER='{answer}'", *to_read))["items"]
        return [one["id"] for one in items if one["reference"] == reference]

    assert until(opened)


def test_the_kcat_lines_notify_as_a_partner_and_read_the_answer(system: System) -> None:
    notify, wait, receipts = examples(system.home)[-3:]
    pasted(notify, wait)
    assert until(lambda: '"in_reply_to"' in pasted(receipts))
    assert '"reference"' in pasted(receipts)
