"""Objects: put, get, head, delete, copy, conditions, ranges, metadata."""

import datetime
import hashlib
import http.client
import os
import pathlib
import threading
import time

from s3.kit import MEBI, ODD_KEYS, S3Test, quoted, setUpModule, sign  # noqa: F401

PAST = datetime.datetime(1994, 10, 29, 19, 43, 31, tzinfo=datetime.timezone.utc)
FUTURE = datetime.datetime(2100, 10, 29, 19, 43, 31, tzinfo=datetime.timezone.utc)


class Objects(S3Test):
    def test_written_read_replaced_and_removed(self):
        bucket = self.bucket()
        answer = self.s3.put_object(Bucket=bucket, Key="k", Body=b"bar")
        self.assertEqual(answer["ETag"], f'"{hashlib.md5(b"bar").hexdigest()}"')
        self.assertEqual(self.read(bucket, "k"), b"bar")
        self.put(bucket, "k", body=b"soup")
        self.assertEqual(self.read(bucket, "k"), b"soup")
        self.assertEqual(self.s3.delete_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPStatusCode"], 204)
        self.refused("NoSuchKey", 404, self.s3.get_object, Bucket=bucket, Key="k")
        self.refused("404", 404, self.s3.head_object, Bucket=bucket, Key="k")
        self.s3.delete_object(Bucket=bucket, Key="k")

    def test_keys_that_need_escaping(self):
        bucket = self.bucket()
        for number, key in enumerate(ODD_KEYS):
            with self.subTest(key=key):
                self.put(bucket, key, body=str(number).encode())
        for number, key in enumerate(ODD_KEYS):
            with self.subTest(key=key):
                self.assertEqual(self.read(bucket, key), str(number).encode())
        listed = self.keys(bucket)
        self.assertEqual(listed, sorted(ODD_KEYS, key=lambda key: key.encode()))
        for key in ODD_KEYS:
            self.s3.delete_object(Bucket=bucket, Key=key)
        self.assertEqual(self.keys(bucket), [])
        for key in ("x" * 1025, "é" * 513):
            self.refused("InvalidObjectName", 400, self.s3.put_object, Bucket=bucket, Key=key, Body=b"x")

    def test_a_path_that_is_no_text(self):
        bucket = self.bucket()
        for path in ("%ff", "%zz", "%"):
            self.assertEqual(self.ask("PUT", f"/{bucket}/{path}", b"x")[0], 400, path)

    def test_fields_that_stay_with_an_object(self):
        bucket = self.bucket()
        expires = datetime.datetime(2031, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
        self.s3.put_object(
            Bucket=bucket, Key="k", Body=b"x", CacheControl="public, max-age=14400", ContentType="text/x-test",
            ContentLanguage="de", ContentDisposition='attachment; filename="a"', ContentEncoding="identity",
            Expires=expires, Metadata={"Meta1": "mymeta"})
        for answer in (self.s3.head_object(Bucket=bucket, Key="k"), self.s3.get_object(Bucket=bucket, Key="k")):
            self.assertEqual(
                [answer[name] for name in ("CacheControl", "ContentType", "ContentLanguage", "ContentDisposition", "ContentEncoding")],
                ["public, max-age=14400", "text/x-test", "de", 'attachment; filename="a"', "identity"])
            self.assertEqual(answer["ResponseMetadata"]["HTTPHeaders"]["expires"], "Thu, 02 Jan 2031 03:04:05 GMT")
            self.assertEqual(answer["Metadata"]["meta1"], "mymeta")
            self.assertEqual(answer["ContentLength"], 1)
            self.assertEqual(answer["AcceptRanges"], "bytes")
        self.put(bucket, "k")
        answer = self.s3.head_object(Bucket=bucket, Key="k")
        self.assertEqual(answer["Metadata"], {})
        self.assertNotIn("CacheControl", answer)

    def test_metadata_that_is_not_ascii(self):
        bucket = self.bucket()
        status, _, body = self.ask("PUT", f"/{bucket}/k", b"x", headers={"x-amz-meta-name": "=?UTF-8?B?w6TDtsO8?="})
        self.assertEqual(status, 200, body)
        worker = self.ask("GET", f"/{bucket}/k")[1]
        self.assertEqual(worker["x-amz-meta-name"], "=?UTF-8?B?w6TDtsO8?=")
        self.assertEqual(self.ask("PUT", f"/{bucket}/q", b"x", headers={"x-amz-meta-name": "=?utf-8?Q?=C3=A4_b?="})[0], 200)
        self.assertEqual(self.ask("GET", f"/{bucket}/q")[1]["x-amz-meta-name"], "=?UTF-8?B?w6QgYg==?=")

    def test_metadata_has_a_limit(self):
        bucket = self.bucket()
        self.s3.put_object(Bucket=bucket, Key="k", Body=b"", Metadata={"a": "x" * 4000, "b": "x" * 4000})
        self.refused(
            "MetadataTooLarge", 400, self.s3.put_object, Bucket=bucket, Key="k", Body=b"",
            Metadata={"a": "x" * 4096, "b": "x" * 4096})

    def test_a_type_is_guessed_where_none_is_given(self):
        bucket = self.bucket()
        for content, expected in (
                (b"\x89PNG\r\n\x1a\n....", "image/png"), (b"%PDF-1.7", "application/pdf"), (b"plain words", "text/plain; charset=utf-8"),
                (b"  <!DOCTYPE html><p>", "text/html; charset=utf-8"), (b"\0\1\2", "application/octet-stream"),
                (b"", "application/octet-stream")):
            self.assertEqual(self.ask("PUT", f"/{bucket}/k", content)[0], 200)
            self.assertEqual(self.s3.head_object(Bucket=bucket, Key="k")["ContentType"], expected)

    def test_a_get_may_ask_for_other_fields(self):
        bucket = self.bucket()
        self.put(bucket, "k")
        wanted = {
            "ResponseCacheControl": "no-cache", "ResponseContentDisposition": "bla", "ResponseContentEncoding": "aaa",
            "ResponseContentLanguage": "esperanto", "ResponseContentType": "foo/bar", "ResponseExpires": "Thu, 01 Jan 1970 00:02:03 GMT"}
        fields = self.s3.get_object(Bucket=bucket, Key="k", **wanted)["ResponseMetadata"]["HTTPHeaders"]
        names = ("cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires")
        self.assertEqual([fields[name] for name in names], list(wanted.values()))

    def test_storage_classes(self):
        bucket = self.bucket()
        self.s3.put_object(Bucket=bucket, Key="k", Body=b"", StorageClass="STANDARD_IA")
        self.assertEqual(self.s3.head_object(Bucket=bucket, Key="k")["StorageClass"], "STANDARD_IA")
        self.assertEqual(self.s3.list_objects_v2(Bucket=bucket)["Contents"][0]["StorageClass"], "STANDARD_IA")
        self.refused("InvalidStorageClass", 400, self.s3.put_object, Bucket=bucket, Key="k", Body=b"", StorageClass="GLACIER")

    def test_what_is_not_there(self):
        bucket = self.bucket()
        self.put(bucket, "k")
        for arguments in ({"Tagging": "a=b"}, {"ServerSideEncryption": "aws:kms"}, {"RequestPayer": "requester"},
                          {"WebsiteRedirectLocation": "/"}, {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": FUTURE}):
            response = self.refused("NotImplemented", 501, self.s3.put_object, Bucket=bucket, Key="n", Body=b"", **arguments)
            self.assertIn("not implemented", response["Error"]["Message"])
        for call in (self.s3.get_object_acl, self.s3.get_object_tagging, self.s3.get_object_attributes, self.s3.get_object_torrent):
            arguments = {"ObjectAttributes": ["ETag"]} if call == self.s3.get_object_attributes else {}
            self.refused("NotImplemented", 501, call, Bucket=bucket, Key="k", **arguments)
        self.assertEqual(self.keys(bucket), ["k"])

    def test_a_bucket_is_made_on_demand(self):
        name = f"{self.bucket()}-new"
        status, _, body = self.ask("PUT", f"/{name}/k", b"x", headers={"cf-create-bucket-if-missing": "true"})
        self.assertEqual(status, 200, body)
        self.assertEqual(self.read(name, "k"), b"x")

    def test_removed_in_bulk(self):
        bucket = self.bucket()
        keys = [key for key in ODD_KEYS if all(ord(letter) >= 32 for letter in key)]
        self.put(bucket, *keys)
        answer = self.s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys + ["none"]]})
        self.assertEqual({entry["Key"] for entry in answer["Deleted"]}, {*keys, "none"})
        self.assertNotIn("Errors", answer)
        self.assertEqual(self.keys(bucket), [])
        self.put(bucket, "a", "b")
        answer = self.s3.delete_objects(Bucket=bucket, Delete={"Quiet": True, "Objects": [
            {"Key": "a", "ETag": "0" * 32}, {"Key": "b"}, {"Key": "x" * 1025}]})
        self.assertNotIn("Deleted", answer)
        self.assertEqual(
            [(entry["Key"][:5], entry["Code"]) for entry in answer["Errors"]],
            [("a", "PreconditionFailed"), ("xxxxx", "InvalidObjectName")])
        self.assertEqual(self.keys(bucket), ["a"])
        self.refused(
            "MalformedXML", 400, self.s3.delete_objects, Bucket=bucket,
            Delete={"Objects": [{"Key": str(number)} for number in range(1001)]})

    def test_an_upload_of_unknown_length_is_refused(self):
        bucket = self.bucket()
        headers = sign(self.access, "PUT", f"{self.url}/{bucket}/k", b"", {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("PUT", f"/{bucket}/k", iter([b"abc"]), headers, encode_chunked=True)
        answer = connection.getresponse()
        self.assertEqual((answer.status, b"MissingContentLength" in answer.read()), (411, True))

    def test_an_upload_that_breaks_off_leaves_nothing(self):
        bucket = self.bucket()
        blobs = self.folder / ".lilypad/state/blobs"
        before = files(blobs)
        headers = sign(
            self.access, "PUT", f"{self.url}/{bucket}/k", b"", {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest("PUT", f"/{bucket}/k", skip_host=True)
        for name, value in {**headers, "Host": f"127.0.0.1:{self.port}", "Content-Length": str(8 * MEBI)}.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(os.urandom(3 * MEBI))
        connection.close()
        end = time.monotonic() + 20
        while files(blobs) != before and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(files(blobs), before)
        self.assertEqual(self.keys(bucket), [])


def files(folder: pathlib.Path):
    return sum(1 for path in folder.rglob("*") if path.is_file())


class Conditions(S3Test):
    def test_reads(self):
        bucket = self.bucket()
        etag = self.s3.put_object(Bucket=bucket, Key="k", Body=b"bar")["ETag"]
        modified = self.s3.head_object(Bucket=bucket, Key="k")["LastModified"]
        for call in (self.s3.get_object, self.s3.head_object):
            place = {"Bucket": bucket, "Key": "k"}
            for good in ({"IfMatch": etag}, {"IfMatch": etag.strip('"')}, {"IfMatch": "*"}, {"IfNoneMatch": '"ABCORZ"'},
                         {"IfModifiedSince": PAST}, {"IfUnmodifiedSince": FUTURE}, {"IfUnmodifiedSince": modified},
                         {"IfMatch": f'"other", {etag}'}, {"IfMatch": etag, "IfUnmodifiedSince": PAST}):
                self.assertEqual(call(**place, **good)["ResponseMetadata"]["HTTPStatusCode"], 200, good)
            for bad, code in (({"IfNoneMatch": etag}, 304), ({"IfModifiedSince": modified}, 304), ({"IfNoneMatch": f"W/{etag}"}, 304),
                              ({"IfMatch": '"ABCORZ"'}, 412), ({"IfUnmodifiedSince": PAST}, 412), ({"IfMatch": f"W/{etag}"}, 412)):
                name = str(code) if code == 304 or call == self.s3.head_object else "PreconditionFailed"
                self.refused(name, code, call, **place, **bad)

    def test_writes(self):
        bucket = self.bucket()
        etag = self.s3.put_object(Bucket=bucket, Key="k", Body=b"bar", IfNoneMatch="*")["ETag"]
        self.refused("PreconditionFailed", 412, self.s3.put_object, Bucket=bucket, Key="k", Body=b"no", IfNoneMatch="*")
        self.refused("PreconditionFailed", 412, self.s3.put_object, Bucket=bucket, Key="k", Body=b"no", IfMatch='"x"')
        self.refused("PreconditionFailed", 412, self.s3.put_object, Bucket=bucket, Key="new", Body=b"no", IfMatch=etag)
        self.assertEqual(self.read(bucket, "k"), b"bar")
        self.s3.put_object(Bucket=bucket, Key="k", Body=b"zar", IfMatch=etag)
        self.assertEqual(self.read(bucket, "k"), b"zar")
        for field, value, status in (("If-Unmodified-Since", "Sat, 29 Oct 1994 19:43:31 GMT", 412),
                                     ("If-Modified-Since", "Sat, 29 Oct 1994 19:43:31 GMT", 200)):
            self.assertEqual(self.ask("PUT", f"/{bucket}/k", b"1", headers={field: value})[0], status)

    def test_of_many_that_create_one_wins(self):
        bucket = self.bucket()
        won = []

        def create(number):
            status, _, _ = self.ask("PUT", f"/{bucket}/k", str(number).encode() * MEBI, headers={"If-None-Match": "*"})
            if status == 200:
                won.append(number)

        threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(won), 1)
        self.assertEqual(self.read(bucket, "k"), str(won[0]).encode() * MEBI)

    def test_a_reader_sees_one_version(self):
        bucket = self.bucket()
        size = 8 * MEBI
        self.put(bucket, "k", body=b"A" * size)
        body = self.s3.get_object(Bucket=bucket, Key="k")["Body"]
        first = body.read(1000)
        self.put(bucket, "k", body=b"B" * size)
        self.assertEqual(first + body.read(), b"A" * size)
        self.assertEqual(self.read(bucket, "k"), b"B" * size)


class Ranges(S3Test):
    def test_parts_of_an_object(self):
        bucket = self.bucket()
        content = bytes(range(11))
        self.put(bucket, "k", body=content)
        for field, expected, described in (
                ("bytes=4-7", content[4:8], "bytes 4-7/11"), ("bytes=4-", content[4:], "bytes 4-10/11"),
                ("bytes=-7", content[4:], "bytes 4-10/11"), ("bytes=0-100", content, "bytes 0-10/11"),
                ("bytes=-100", content, "bytes 0-10/11"), ("bytes=0-10", content, "bytes 0-10/11")):
            answer = self.s3.get_object(Bucket=bucket, Key="k", Range=field)
            self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 206)
            self.assertEqual((answer["Body"].read(), answer["ContentRange"]), (expected, described), field)
            head = self.s3.head_object(Bucket=bucket, Key="k", Range=field)
            self.assertEqual((head["ContentLength"], head["ContentRange"]), (len(expected), described))
        for field in ("bytes=40-50", "bytes=11-", "bytes=11-12", "bytes=-0"):
            self.refused("InvalidRange", 416, self.s3.get_object, Bucket=bucket, Key="k", Range=field)
        self.put(bucket, "empty", body=b"")
        self.refused("InvalidRange", 416, self.s3.get_object, Bucket=bucket, Key="empty", Range="bytes=0-5")
        # What cannot be read is not there (RFC 9110 §14.2).
        self.assertEqual(self.read(bucket, "k", Range="lines=1-2"), content)


class Copies(S3Test):
    def test_within_and_between_buckets(self):
        one, two = self.bucket(), self.bucket()
        self.s3.put_object(Bucket=one, Key="a b/ü", Body=b"foo", ContentType="text/bla", Metadata={"m": "1"})
        answer = self.s3.copy_object(Bucket=two, Key="c", CopySource={"Bucket": one, "Key": "a b/ü"})
        self.assertEqual(answer["CopyObjectResult"]["ETag"], f'"{hashlib.md5(b"foo").hexdigest()}"')
        head = self.s3.head_object(Bucket=two, Key="c")
        self.assertEqual((head["ContentType"], head["Metadata"]), ("text/bla", {"m": "1"}))
        self.s3.delete_object(Bucket=one, Key="a b/ü")
        self.assertEqual(self.read(two, "c"), b"foo")
        self.refused("NoSuchKey", 404, self.s3.copy_object, Bucket=two, Key="d", CopySource={"Bucket": one, "Key": "none"})
        self.refused("NoSuchBucket", 404, self.s3.copy_object, Bucket=two, Key="d", CopySource={"Bucket": "nosuch", "Key": "a"})
        self.refused("NoSuchBucket", 404, self.s3.copy_object, Bucket="nosuch", Key="d", CopySource={"Bucket": two, "Key": "c"})

    def test_metadata(self):
        bucket = self.bucket()
        source = {"Bucket": bucket, "Key": "a"}
        self.s3.put_object(Bucket=bucket, Key="a", Body=b"x", ContentType="text/a", CacheControl="no-store", Metadata={"one": "1", "two": "2"})
        self.s3.copy_object(
            Bucket=bucket, Key="b", CopySource=source, MetadataDirective="REPLACE", ContentType="text/b", Metadata={"three": "3"})
        head = self.s3.head_object(Bucket=bucket, Key="b")
        self.assertEqual((head["ContentType"], head["Metadata"], head.get("CacheControl")), ("text/b", {"three": "3"}, None))
        status, _, body = self.ask("PUT", f"/{bucket}/c", headers={
            "x-amz-copy-source": f"/{bucket}/a", "x-amz-metadata-directive": "MERGE", "x-amz-meta-two": "zwei"})
        self.assertEqual(status, 200, body)
        head = self.s3.head_object(Bucket=bucket, Key="c")
        self.assertEqual((head["ContentType"], head["Metadata"]), ("text/a", {"one": "1", "two": "zwei"}))
        self.s3.copy_object(Bucket=bucket, Key="a", CopySource=source, MetadataDirective="REPLACE", Metadata={"new": "1"})
        self.assertEqual(self.s3.head_object(Bucket=bucket, Key="a")["Metadata"], {"new": "1"})
        self.refused("InvalidArgument", 400, self.s3.copy_object, Bucket=bucket, Key="a", CopySource=source, MetadataDirective="X")

    def test_conditions(self):
        bucket = self.bucket()
        etag = self.s3.put_object(Bucket=bucket, Key="a", Body=b"x")["ETag"]
        source = {"Bucket": bucket, "Key": "a"}
        self.s3.copy_object(Bucket=bucket, Key="b", CopySource=source, CopySourceIfMatch=etag)
        self.s3.copy_object(Bucket=bucket, Key="b", CopySource=source, CopySourceIfNoneMatch='"x"')
        for bad in ({"CopySourceIfMatch": '"x"'}, {"CopySourceIfNoneMatch": etag}, {"CopySourceIfModifiedSince": FUTURE},
                    {"CopySourceIfUnmodifiedSince": PAST}):
            self.refused("PreconditionFailed", 412, self.s3.copy_object, Bucket=bucket, Key="b", CopySource=source, **bad)
        for headers, status in (({"cf-copy-destination-if-none-match": "*"}, 412), ({"cf-copy-destination-if-match": etag}, 200)):
            got = self.ask("PUT", f"/{bucket}/b", headers={"x-amz-copy-source": f"{bucket}/a", **headers})[0]
            self.assertEqual(got, status)

    def test_a_large_object_is_copied_without_reading_it(self):
        bucket = self.bucket()
        content = os.urandom(16 * MEBI)
        self.put(bucket, "a", body=content)
        blobs = self.folder / ".lilypad/state/blobs"
        before = files(blobs)
        for number in range(20):
            self.s3.copy_object(Bucket=bucket, Key=f"copy-{number}", CopySource={"Bucket": bucket, "Key": "a"})
        self.assertEqual(files(blobs), before)
        self.s3.delete_object(Bucket=bucket, Key="a")
        self.assertEqual(self.read(bucket, "copy-19"), content)
        self.assertEqual(quoted("a b"), "a%20b")
