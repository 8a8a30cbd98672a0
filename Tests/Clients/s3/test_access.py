"""Who may ask: signatures, URLs that were signed beforehand, keys for encryption."""

import base64
import hashlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

from s3.kit import MEBI, S3Test, setUpModule, sign  # noqa: F401


class Access(S3Test):
    def test_without_a_signature(self):
        bucket = self.bucket()
        self.put(bucket, "k")
        for method, path in (("GET", "/"), ("GET", f"/{bucket}/k"), ("PUT", f"/{bucket}/k"), ("GET", f"/{bucket}"), ("DELETE", f"/{bucket}")):
            status, _, body = self.ask(method, path, signed=False)
            self.assertEqual((status, b"<Code>Unauthorized</Code>" in body), (401, True), (method, path))

    def test_with_wrong_keys(self):
        bucket = self.bucket()
        key, secret = self.access
        self.refused("SignatureDoesNotMatch", 403, self.client(access=(key, "x" * 64)).list_objects_v2, Bucket=bucket)
        self.refused("Unauthorized", 401, self.client(access=("x" * 32, secret)).list_objects_v2, Bucket=bucket)

    def test_regions(self):
        bucket = self.bucket()
        self.client(region="us-east-1").list_objects_v2(Bucket=bucket)
        self.refused("InvalidRegionName", 400, self.client(region="eu-west-1").list_objects_v2, Bucket=bucket)

    def test_a_request_of_another_time(self):
        headers = sign(self.access, "GET", f"http://127.0.0.1:{self.port}/", b"", {})
        self.assertEqual(self.ask("GET", "/", headers=headers, signed=False)[0], 200)
        headers["X-Amz-Date"] = "20200101T000000Z"
        self.assertIn(self.ask("GET", "/", headers=headers, signed=False)[0], (400, 403))

    def test_what_was_signed_may_not_change(self):
        bucket = self.bucket()
        path = f"/{bucket}/k"
        headers = sign(self.access, "PUT", f"http://127.0.0.1:{self.port}{path}", b"x", {"x-amz-meta-a": "1"})
        for change in ({"x-amz-meta-a": "2"}, {"X-Amz-Date": headers["X-Amz-Date"][:-2] + ("1Z" if headers["X-Amz-Date"][-2] == "0" else "0Z")}):
            self.assertEqual(self.ask("PUT", path, b"x", headers={**headers, **change}, signed=False)[0], 403)
        self.assertEqual(self.ask("PUT", path + "2", b"x", headers=headers, signed=False)[0], 403)
        self.assertEqual(self.ask("PUT", path + "?acl", b"x", headers=headers, signed=False)[0], 403)
        self.assertEqual(self.ask("PUT", path, b"x", headers=headers, signed=False)[0], 200)

    def test_old_signatures_are_refused(self):
        client = self.client(signature_version="s3")
        self.refused("InvalidArgument", 400, client.list_buckets)


class SignedURLs(S3Test):
    def link(self, method, bucket, key="k", expires=60, **arguments):
        return self.s3.generate_presigned_url(method, Params={"Bucket": bucket, "Key": key, **arguments}, ExpiresIn=expires)

    def open(self, url, method="GET", body=None, headers=None):
        request = urllib.request.Request(url, body, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def test_each_method(self):
        bucket = self.bucket()
        for key in ("k", "a b/ü+%2F"):
            self.assertEqual(self.open(self.link("put_object", bucket, key), "PUT", b"content")[0], 200)
            self.assertEqual(self.open(self.link("get_object", bucket, key)), (200, b"content"))
            self.assertEqual(self.open(self.link("head_object", bucket, key), "HEAD"), (200, b""))
            self.assertEqual(self.open(self.link("delete_object", bucket, key), "DELETE")[0], 204)
            self.assertEqual(self.open(self.link("get_object", bucket, key))[0], 404)

    def test_a_url_is_good_for_what_it_was_signed_for(self):
        bucket = self.bucket()
        self.put(bucket, "k", "other")
        url = self.link("get_object", bucket)
        for changed in (url.replace("/k?", "/other?"), url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"), url + "0",
                        url.replace("X-Amz-Signature=", "X-Amz-Signature=0")):
            status, body = self.open(changed)
            self.assertEqual((status, b"SignatureDoesNotMatch" in body), (403, True), body)
        self.assertEqual(self.open(url, "DELETE")[0], 403)
        self.assertEqual(self.open(url, "PUT", b"x")[0], 403)

    def test_fields_that_were_signed(self):
        bucket = self.bucket()
        url = self.link("put_object", bucket, ContentType="text/x-signed")
        self.assertEqual(self.open(url, "PUT", b"x", {"Content-Type": "text/other"})[0], 403)
        self.assertEqual(self.open(url, "PUT", b"x", {"Content-Type": "text/x-signed"})[0], 200)
        self.assertEqual(self.s3.head_object(Bucket=bucket, Key="k")["ContentType"], "text/x-signed")
        url = self.link("get_object", bucket, ResponseContentType="text/changed")
        self.assertEqual(self.open(url)[0], 200)

    def test_how_long_a_url_is_good(self):
        bucket = self.bucket()
        self.put(bucket, "k")
        status, body = self.open(self.link("get_object", bucket, expires=604_801))
        self.assertEqual((status, b"InvalidArgument" in body), (400, True))
        self.assertEqual(self.open(self.link("get_object", bucket, expires=604_800))[0], 200)
        url = self.link("get_object", bucket, expires=1)
        end = time.monotonic() + 10
        while self.open(url)[0] != 403 and time.monotonic() < end:
            time.sleep(0.2)
        status, body = self.open(url)
        self.assertEqual((status, b"ExpiredRequest" in body), (403, True), body)


class Encryption(S3Test):
    KEY = bytes(range(32))

    def customer(self, key=KEY, prefix=""):
        return {f"{prefix}SSECustomerAlgorithm": "AES256", f"{prefix}SSECustomerKey": key}

    def test_put_get_and_head(self):
        bucket = self.bucket()
        for content in (b"", b"x", b"thirteen byte", os.urandom(MEBI)):
            answer = self.s3.put_object(Bucket=bucket, Key="k", Body=content, **self.customer())
            md5 = base64.b64encode(hashlib.md5(self.KEY).digest()).decode()
            self.assertEqual((answer["SSECustomerAlgorithm"], answer["SSECustomerKeyMD5"]), ("AES256", md5))
            self.assertEqual(self.read(bucket, "k", **self.customer()), content)
            self.assertEqual(self.s3.head_object(Bucket=bucket, Key="k", **self.customer())["ContentLength"], len(content))
            if len(content) > 100:
                part = self.read(bucket, "k", Range="bytes=70000-70099", **self.customer())
                self.assertEqual(part, content[70000:70100])
        self.refused("400", 400, self.s3.head_object, Bucket=bucket, Key="k")
        self.refused("InvalidRequest", 400, self.s3.get_object, Bucket=bucket, Key="k")
        self.refused("AccessDenied", 403, self.s3.get_object, Bucket=bucket, Key="k", **self.customer(b"0" * 32))
        self.put(bucket, "plain")
        self.refused("InvalidRequest", 400, self.s3.get_object, Bucket=bucket, Key="plain", **self.customer())

    def test_the_content_is_not_on_the_disk(self):
        bucket = self.bucket()
        secret = os.urandom(16).hex().encode() * 100
        self.s3.put_object(Bucket=bucket, Key="k", Body=secret, **self.customer())
        for path in (self.folder / ".lilypad/state/blobs").rglob("*"):
            if path.is_file():
                self.assertNotIn(secret[:64], path.read_bytes())

    def test_fields_that_are_missing_or_wrong(self):
        bucket = self.bucket()
        prefix = "x-amz-server-side-encryption-customer-"
        key, md5 = (base64.b64encode(value).decode() for value in (self.KEY, hashlib.md5(self.KEY).digest()))
        good = {f"{prefix}algorithm": "AES256", f"{prefix}key": key, f"{prefix}key-MD5": md5}
        self.assertEqual(self.ask("PUT", f"/{bucket}/k", b"x", headers=good)[0], 200)
        for name in good:
            fewer = {other: value for other, value in good.items() if other != name}
            self.assertEqual(self.ask("PUT", f"/{bucket}/k", b"x", headers=fewer)[0], 400, name)
            self.assertEqual(self.ask("PUT", f"/{bucket}/k", b"x", headers={**good, name: "AAAA"})[0], 400, name)

    def test_parts_and_copies(self):
        bucket = self.bucket()
        content = os.urandom(5 * MEBI + 13)
        upload = self.s3.create_multipart_upload(Bucket=bucket, Key="k", **self.customer())["UploadId"]
        place = {"Bucket": bucket, "Key": "k", "UploadId": upload}
        parts = []
        for number, body in enumerate((content[:5 * MEBI], content[5 * MEBI:]), 1):
            etag = self.s3.upload_part(**place, PartNumber=number, Body=body, **self.customer())["ETag"]
            parts.append({"PartNumber": number, "ETag": etag})
        self.refused("AccessDenied", 403, self.s3.upload_part, **place, PartNumber=3, Body=b"", **self.customer(b"1" * 32))
        self.s3.complete_multipart_upload(**place, MultipartUpload={"Parts": parts})
        self.assertEqual(self.read(bucket, "k", **self.customer()), content)
        other = b"2" * 32
        self.s3.copy_object(
            Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k"}, **self.customer(prefix="CopySource"), **self.customer(other))
        self.assertEqual(self.read(bucket, "copy", **self.customer(other)), content)
        self.refused("InvalidRequest", 400, self.s3.copy_object, Bucket=bucket, Key="x", CopySource={"Bucket": bucket, "Key": "k"})


class CommandLine(S3Test):
    def aws(self, *arguments, input=None, status=0):
        """What `aws` prints."""
        command = [sys.executable, "-m", "awscli", *map(str, arguments)]
        done = subprocess.run(command, input=input, env=self.environment(), capture_output=True, timeout=120)
        self.assertEqual(done.returncode, status, done.stderr.decode() + done.stdout.decode())
        return done.stdout.decode() if status == 0 else done.stderr.decode()

    def test_files_and_folders(self):
        bucket = f"cli-{os.urandom(6).hex()}"
        self.aws("s3", "mb", f"s3://{bucket}")
        work = self.folder / bucket
        (work / "in/sub").mkdir(parents=True)
        large = os.urandom(20 * MEBI)
        (work / "in/large").write_bytes(large)
        (work / "in/sub/ä b+c%.txt").write_text("odd")
        self.aws("s3", "sync", work / "in", f"s3://{bucket}/dir")
        self.assertEqual(self.keys(bucket), ["dir/large", "dir/sub/ä b+c%.txt"])
        self.assertIn("PRE dir/", self.aws("s3", "ls", f"s3://{bucket}"))
        self.aws("s3", "sync", f"s3://{bucket}/dir", work / "out")
        self.assertEqual((work / "out/large").read_bytes(), large)
        self.assertEqual((work / "out/sub/ä b+c%.txt").read_text(), "odd")
        self.aws("s3", "mv", f"s3://{bucket}/dir/large", f"s3://{bucket}/moved")
        self.aws("s3", "cp", "-", f"s3://{bucket}/from-pipe", input=b"piped")
        self.assertEqual(self.aws("s3", "cp", f"s3://{bucket}/from-pipe", "-"), "piped")
        self.aws("s3", "rm", "--recursive", f"s3://{bucket}/dir")
        self.assertEqual(self.keys(bucket), ["from-pipe", "moved"])
        self.assertIn("BucketNotEmpty", self.aws("s3", "rb", f"s3://{bucket}", status=1))
        self.aws("s3", "rb", "--force", f"s3://{bucket}")

    def test_calls_of_the_interface(self):
        bucket = self.bucket()
        place = ("--bucket", bucket, "--key", "k")
        path = self.folder / f"{bucket}-file"
        path.write_bytes(b"content")
        for algorithm in ("CRC32", "SHA1", "SHA256"):
            self.aws("s3api", "put-object", *place, "--body", path, "--checksum-algorithm", algorithm)
        self.assertIn('"ContentLength": 7', self.aws("s3api", "head-object", *place))
        self.aws("s3api", "get-object", *place, "--range", "bytes=0-3", f"{path}-part")
        self.assertEqual((self.folder / f"{bucket}-file-part").read_bytes(), b"cont")
        self.aws("s3api", "copy-object", "--bucket", bucket, "--key", "copy", "--copy-source", f"{bucket}/k")
        self.assertIn('"Key": "copy"', self.aws("s3api", "list-objects-v2", "--bucket", bucket))
        self.assertIn("auto", self.aws("s3api", "get-bucket-location", "--bucket", bucket))
        self.aws("s3api", "delete-objects", "--bucket", bucket, "--delete", "Objects=[{Key=k},{Key=copy}]")
        self.assertEqual(self.keys(bucket), [])
        url = self.aws("s3", "presign", f"s3://{bucket}/k").strip()
        self.assertIn("X-Amz-Signature=", url)


class Workers(S3Test):
    def test_both_see_the_same_objects(self):
        session = self.worker()
        self.s3.put_object(
            Bucket="objects", Key="from s3/ü", Body=b"from s3", ContentType="text/x-a", Metadata={"name": "value"},
            ChecksumAlgorithm="SHA256")
        fields, content = session.expect(200, "GET", "/r2/from%20s3/%C3%BC")
        self.assertEqual((content, fields["Content-Type"]), (b"from s3", "text/x-a"))
        about = session.json("GET", "/r2/from%20s3/%C3%BC", head=1)
        self.assertIn(hashlib.sha256(b"from s3").hexdigest(), str(about))
        session.expect(200, "PUT", "/r2/from-worker", b"from the Worker", {"Content-Type": "text/x-b"}, metadata='{"näme":"x","plain":"ä"}')
        answer = self.s3.get_object(Bucket="objects", Key="from-worker")
        self.assertEqual((answer["Body"].read(), answer["ContentType"]), (b"from the Worker", "text/x-b"))
        self.assertEqual(answer["MissingMeta"], 1)
        self.assertEqual(answer["Metadata"]["plain"], "=?UTF-8?B?w6Q=?=")
        session.expect(204, "DELETE", "/r2/from%20s3/%C3%BC")
        self.refused("NoSuchKey", 404, self.s3.get_object, Bucket="objects", Key="from s3/ü")

    def test_an_upload_begun_by_one_is_finished_by_the_other(self):
        session = self.worker()
        upload = session.expect(200, "POST", "/r2/shared?uploads")[1].decode()
        etag = self.s3.upload_part(Bucket="objects", Key="shared", UploadId=upload, PartNumber=1, Body=b"both")["ETag"]
        self.s3.complete_multipart_upload(
            Bucket="objects", Key="shared", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
        self.assertEqual(session.expect(200, "GET", "/r2/shared")[1], b"both")
