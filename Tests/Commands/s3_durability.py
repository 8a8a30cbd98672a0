"""What was acknowledged over S3 survives SIGKILL.

Clients put objects, complete uploads in parts and delete many at once. At a random moment the process is killed and started
again on the same state; then everything acknowledged is there with its checksum, nothing is there that was removed, and
nothing is there by half.

    s3_durability.py [--rounds 10] [--seed NUMBER]

It runs with the Python that has boto3 (`lilypad setup --clients`).
"""

import argparse
import hashlib
import json
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Browser"))
import boto3  # noqa: E402
import botocore.config  # noqa: E402
import botocore.exceptions  # noqa: E402
from ledger import needed_files, project, start, stored_files  # noqa: E402
from tally import Checks  # noqa: E402

BUCKET = "objects"
PART = 5 << 20
CLIENTS = 6
# Seconds of writing before the process is killed, at most.
LONGEST = 1.2
GONE = (botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError)


def client(folder, url):
    account = json.loads((folder / ".lilypad/credentials.json").read_text())
    config = botocore.config.Config(
        retries={"max_attempts": 0}, s3={"addressing_style": "path"}, connect_timeout=5, read_timeout=20)
    return boto3.client(
        "s3", endpoint_url=url, region_name="auto", aws_access_key_id=account["s3AccessKeyId"],
        aws_secret_access_key=account["s3SecretAccessKey"], config=config)


class Model:
    """What each key may hold: digests, and None for nothing."""

    def __init__(self):
        self.lock = threading.Lock()
        self.allowed = {}
        self.counts = {"put": 0, "upload": 0, "delete": 0}
        self.problems = []

    def trying(self, key, digest):
        with self.lock:
            self.allowed[key] = self.allowed.get(key, {None}) | {digest}

    def done(self, key, digest, kind):
        with self.lock:
            self.allowed[key] = {digest}
            self.counts[kind] += 1


class Writer(threading.Thread):
    """Writes under keys of its own, one after the other, until the process is gone."""

    def __init__(self, number, model, s3, seed):
        super().__init__(daemon=True)
        self.model, self.s3, self.random = model, s3, random.Random(seed)
        self.prefix = f"{seed}-{number}/"
        self.count = 0

    def run(self):
        try:
            while True:
                self.random.choice((self.put, self.put, self.upload, self.delete))()
        except GONE:
            pass
        except Exception as error:  # noqa: BLE001
            self.model.problems.append(f"{type(error).__name__}: {error}")

    def content(self, size):
        return self.random.randbytes(size)

    def new_key(self):
        self.count += 1
        return f"{self.prefix}{self.count}"

    def some_key(self):
        # Replacing is harder than making.
        return self.new_key() if self.count < 3 or self.random.random() < 0.5 else (
            f"{self.prefix}{self.random.randint(1, self.count)}")

    def put(self):
        key, content = self.some_key(), self.content(self.random.choice((0, 1, 5000, 300_000)))
        digest = hashlib.sha256(content).hexdigest()
        self.model.trying(key, digest)
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content, ChecksumAlgorithm="SHA256")
        self.model.done(key, digest, "put")

    def upload(self):
        key, parts = self.new_key(), [self.content(PART), self.content(1000)]
        digest = hashlib.sha256(b"".join(parts)).hexdigest()
        upload = self.s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
        names = []
        for number, part in enumerate(parts, 1):
            etag = self.s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=number, Body=part)["ETag"]
            names.append({"PartNumber": number, "ETag": etag})
        self.model.trying(key, digest)
        self.s3.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": names})
        self.model.done(key, digest, "upload")

    def delete(self):
        keys = [f"{self.prefix}{number}" for number in range(1, self.count + 1)]
        doomed = self.random.sample(keys, min(len(keys), 4))
        if not doomed:
            return
        for key in doomed:
            self.model.trying(key, None)
        self.s3.delete_objects(Bucket=BUCKET, Delete={"Quiet": True, "Objects": [{"Key": key} for key in doomed]})
        for key in doomed:
            self.model.done(key, None, "delete")


def round_of(folder, model, seed, longest):
    edge = start(folder)
    try:
        url = edge.wait_for(r"^listening s3 ").split()[-1]
        writers = [Writer(number, model, client(folder, url), seed * 100 + number) for number in range(CLIENTS)]
        for writer in writers:
            writer.start()
        time.sleep(random.Random(seed).uniform(0.2, longest))
    finally:
        edge.kill()
    for writer in writers:
        writer.join(timeout=30)
        assert not writer.is_alive(), "a client still waits for an answer"
    assert not model.problems, model.problems


def check(folder, model, keys):
    """Everything is as it may be; whatever is there is then what has to be there."""
    with start(folder) as edge:
        s3 = client(folder, edge.wait_for(r"^listening s3 ").split()[-1])
        listed = {}
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            listed.update((entry["Key"], entry["Size"]) for entry in page.get("Contents", []))
        unknown = set(listed) - set(model.allowed)
        assert not unknown, f"nobody has written {sorted(unknown)[:5]}"
        for key in keys:
            found = None
            if key in listed:
                content = s3.get_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")["Body"].read()
                assert len(content) == listed[key], f"{key} is listed with {listed[key]} bytes and has {len(content)}"
                found = hashlib.sha256(content).hexdigest()
            assert found in model.allowed[key], f"{key} is {found and found[:12]}, not one of {len(model.allowed[key])}"
            model.allowed[key] = {found}
        for upload in s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
            s3.abort_multipart_upload(Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"])
        # Closed properly, there is a file for everything that needs one, and no other.
        edge.stop()
    state = folder / ".lilypad/state"
    stored, needed = stored_files(state), needed_files(state)
    assert needed <= stored, f"{len(needed - stored)} files are missing: {sorted(needed - stored)[:3]}"
    assert stored <= needed, f"{len(stored - needed)} files that nothing names: {sorted(stored - needed)[:3]}"


def survive(rounds, seed):
    with project() as folder:
        model = Model()
        for number in range(rounds):
            known = set(model.allowed)
            round_of(folder, model, seed + number, LONGEST)
            # Those of earlier rounds are looked at again in the end.
            touched = set(model.allowed) - known
            check(folder, model, touched)
        check(folder, model, set(model.allowed))
        counts = ", ".join(f"{count} of {kind}" for kind, count in model.counts.items())
        print(f"  {rounds} kills, acknowledged: {counts}; {len(model.allowed)} keys, seed {seed}")
        assert all(model.counts.values()), model.counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 24))
    options = parser.parse_args()
    checks = Checks()
    checks.run("what was acknowledged over S3 survives SIGKILL", survive, options.rounds, options.seed)
    checks.finish()
