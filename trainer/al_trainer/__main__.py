"""Entry point. An old Python must be able to parse this file, so that it can report its version."""

import os
import sys

MINIMUM = (3, 10)
TOO_OLD_EXIT_CODE = 4


def start():
    if sys.version_info[:2] < MINIMUM:
        version = ".".join(str(part) for part in sys.version_info[:3])
        sentence = "The trainer needs Python %d.%d or newer; this is Python %s." % (MINIMUM + (version,))
        if "--check" in sys.argv[1:]:
            sys.stdout.write('{"pythonVersion": "%s", "packages": {}, "devices": [], "tooOld": true}\n' % version)
        sys.stderr.write(sentence + "\n")
        return TOO_OLD_EXIT_CODE
    from al_trainer.isolation import isolate

    isolate()
    # The images and labels of a dataset, and models trained on them, are private.
    os.umask(0o077)
    from al_trainer.cli import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(start())
