"""`python -m tests.architecture.stylesheet`: the committed stylesheet is the one that is built."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "static" / "css" / "portal.css"
SOURCE = ROOT / "portal" / "kit" / "styles" / "portal.css"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "portal.css"
        command = [Path(sys.executable).parent / "tailwindcss", "-i", SOURCE, "-o", fresh]
        subprocess.run([*command, "--minify"], cwd=ROOT, check=True, capture_output=True)
        if fresh.read_text() == BUILT.read_text():
            return 0
    print("static/css/portal.css is not what its source builds: run `make css`.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
