"""One emulator for all tests of a module, and what they ask it with."""

import contextlib
import http.client
import json
import os
import pathlib
import secrets
import tempfile
import unittest
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
from ledger import CONFIG, Session
from runtime import Edge

MEBI = 1 << 20

# Keys that some part of the way might take for something else.
ODD_KEYS = (
    "a b", "a+b", "a%20b", "%2F", "a//b", "a/../b", "./a", "..", "a/.", "日本/語", "e\u0301", "\u00e9", "?", "#", "a&b=c",
    "a\\b", "\"'<>&", "\t", "\n", "\r\n", " leading", "trailing ", "x" * 1024, "🦔", "a;b", "~", ":!*()", "_ _", "a\x01b")

SHARED = {}


def setUpModule():
    """Called by each module of tests, which shares the emulator with the others."""
    if SHARED:
        return
    stack = contextlib.ExitStack()
    folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lilypad-s3-")))
    (folder / "wrangler.toml").write_text(CONFIG)
    edge = stack.enter_context(
        Edge(folder, "--port", 0, "--no-request-log", "--movable-clock", program="example-edge"))
    SHARED.update(stack=stack, folder=folder, edge=edge)


def close():
    """Ends the emulator, behind the last module."""
    if SHARED:
        SHARED.pop("stack").close()


class S3Test(unittest.TestCase):
    """Each test makes buckets of its own."""

    @classmethod
    def setUpClass(cls):
        cls.edge, cls.folder = SHARED["edge"], SHARED["folder"]
        cls.url = cls.edge.wait_for(r"^listening s3 ").split()[-1]
        cls.port = int(cls.url.rsplit(":", 1)[1])
        account = json.loads((cls.folder / ".lilypad/credentials.json").read_text())
        cls.access = (account["s3AccessKeyId"], account["s3SecretAccessKey"])
        cls.account = account["accountId"]
        cls.s3 = cls.client()

    @classmethod
    def client(cls, url=None, access=None, region="auto", **config):
        key, secret = access or cls.access
        config.setdefault("retries", {"max_attempts": 1, "mode": "standard"})
        config.setdefault("s3", {"addressing_style": "path"})
        return boto3.client(
            "s3", endpoint_url=url or cls.url, aws_access_key_id=key, aws_secret_access_key=secret, region_name=region,
            config=botocore.config.Config(**config))

    def bucket(self):
        name = f"t-{secrets.token_hex(8)}"
        self.s3.create_bucket(Bucket=name)
        return name

    def refused(self, code, status, call, /, *positional, **arguments):
        """The error of a call that has to fail."""
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(*positional, **arguments)
        response = caught.exception.response
        self.assertEqual(
            (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]), (code, status), response)
        return response

    def put(self, bucket, *keys, body=b"x"):
        for key in keys:
            self.s3.put_object(Bucket=bucket, Key=key, Body=body)

    def read(self, bucket, key, **arguments):
        return self.s3.get_object(Bucket=bucket, Key=key, **arguments)["Body"].read()

    def keys(self, bucket):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def environment(self):
        """Of the command line."""
        key, secret = self.access
        return {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret, "AWS_DEFAULT_REGION": "auto", "AWS_ENDPOINT_URL": self.url,
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"}

    def worker(self):
        """A session with the Worker whose bucket is `objects`."""
        return Session(self.edge.url)

    def ask(self, method, path, body=b"", headers=None, signed=True, host=None):
        """One request by hand: status, fields, body. `path` is encoded already."""
        headers = dict(headers or {})
        host = host or f"127.0.0.1:{self.port}"
        if signed:
            headers = sign(self.access, method, f"http://{host}{path}", body, headers)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        headers.setdefault("Host", host)
        if body or method in ("PUT", "POST"):
            headers.setdefault("Content-Length", str(len(body)))
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body or None)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, content


class Signer(botocore.auth.S3SigV4Auth):
    """Signs what a request says of its payload, if it says anything."""

    said = None

    def payload(self, request):
        return self.said or super().payload(request)


def sign(access, method, url, body, headers):
    """With the headers of a request that is signed for S3."""
    request = botocore.awsrequest.AWSRequest(method, url, headers, body)
    signer = Signer(botocore.credentials.Credentials(*access), "s3", "auto")
    signer.said = headers.get("X-Amz-Content-SHA256")
    signer.add_auth(request)
    return dict(request.headers.items())


def quoted(key):
    return urllib.parse.quote(key, safe="/~")
