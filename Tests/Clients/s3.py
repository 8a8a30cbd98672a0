"""boto3 and the AWS command line against the emulator's S3 interface, and a Worker that sees the same objects.

Needs the packages `boto3` and `awscli`, which `lilypad setup --clients` installs.
"""

import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / name) for name in ("Browser", "Commands")]

if __name__ == "__main__":
    names = [f"s3.{path.stem}" for path in sorted((HERE / "s3").glob("test_*.py"))]
    # As a package: this file has its name.
    sys.modules.pop("s3", None)
    package = type(sys)("s3")
    package.__path__ = [str(HERE / "s3")]
    sys.modules["s3"] = package
    wanted = sys.argv[1:]
    loader = unittest.defaultTestLoader
    loader.testNamePatterns = [f"*{name}*" for name in wanted] or None
    suite = loader.loadTestsFromNames(names)
    try:
        result = unittest.TextTestRunner(verbosity=2 if wanted else 1).run(suite)
    finally:
        from s3.kit import close

        close()
    sys.exit(not result.wasSuccessful())
