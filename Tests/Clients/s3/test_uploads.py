"""Uploads in parts."""

import hashlib
import io
import os
import threading

import boto3.s3.transfer

from s3.kit import MEBI, S3Test, setUpModule  # noqa: F401


class Uploads(S3Test):
    def begin(self, bucket, key="k", **arguments):
        return self.s3.create_multipart_upload(Bucket=bucket, Key=key, **arguments)["UploadId"]

    def part(self, bucket, upload, number, body, key="k", **arguments):
        etag = self.s3.upload_part(
            Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=body, **arguments)["ETag"]
        return {"PartNumber": number, "ETag": etag}

    def complete(self, bucket, upload, parts, key="k", **arguments):
        return self.s3.complete_multipart_upload(
            Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **arguments)

    def test_an_object_of_parts(self):
        bucket = self.bucket()
        upload = self.begin(bucket, ContentType="text/bla", Metadata={"foo": "bar"})
        bodies = [os.urandom(5 * MEBI), os.urandom(5 * MEBI), b"the end"]
        parts = [self.part(bucket, upload, number + 1, body) for number, body in enumerate(bodies)]
        answer = self.complete(bucket, upload, parts)
        digests = b"".join(hashlib.md5(body).digest() for body in bodies)
        self.assertEqual(answer["ETag"], f'"{hashlib.md5(digests).hexdigest()}-3"')
        self.assertTrue(answer["Location"].endswith(f"/{bucket}/k"))
        found = self.s3.get_object(Bucket=bucket, Key="k")
        self.assertEqual((found["Body"].read(), found["ContentType"], found["Metadata"]), (b"".join(bodies), "text/bla", {"foo": "bar"}))
        self.assertEqual(self.read(bucket, "k", Range=f"bytes={5 * MEBI - 1}-{5 * MEBI}"), bodies[0][-1:] + bodies[1][:1])
        third = self.s3.get_object(Bucket=bucket, Key="k", PartNumber=3)
        self.assertEqual((third["Body"].read(), third["PartsCount"]), (b"the end", 3))
        self.assertEqual(self.s3.head_object(Bucket=bucket, Key="k", PartNumber=1)["ContentLength"], 5 * MEBI)
        self.refused("InvalidPartNumber", 416, self.s3.get_object, Bucket=bucket, Key="k", PartNumber=4)
        self.refused("NoSuchUpload", 404, self.complete, bucket, upload, parts)

    def test_parts_in_any_order_and_etags_without_quotes(self):
        bucket = self.bucket()
        upload = self.begin(bucket)
        parts = [self.part(bucket, upload, number, bytes([number]) * 5 * MEBI) for number in (1, 2)]
        for part in parts:
            part["ETag"] = part["ETag"].strip('"')
        self.complete(bucket, upload, parts[::-1])
        self.assertEqual(self.read(bucket, "k"), b"\1" * 5 * MEBI + b"\2" * 5 * MEBI)

    def test_a_part_is_sent_again(self):
        bucket = self.bucket()
        upload = self.begin(bucket)
        self.part(bucket, upload, 1, b"first")
        self.complete(bucket, upload, [self.part(bucket, upload, 1, b"second")])
        self.assertEqual(self.read(bucket, "k"), b"second")

    def test_what_is_refused(self):
        bucket = self.bucket()
        upload = self.begin(bucket)
        first = self.part(bucket, upload, 1, b"x" * 5 * MEBI)
        self.refused("InvalidPart", 400, self.complete, bucket, upload, [first, {"PartNumber": 9999, "ETag": first["ETag"]}])
        self.refused("InvalidPart", 400, self.complete, bucket, upload, [{"PartNumber": 1, "ETag": '"' + "f" * 32 + '"'}])
        second = self.part(bucket, upload, 2, b"y" * 6 * MEBI)
        third = self.part(bucket, upload, 3, b"z")
        self.refused("InvalidPart", 400, self.complete, bucket, upload, [first, second, third])
        small = [self.part(bucket, upload, number, b"s") for number in (1, 2)]
        self.refused("EntityTooSmall", 400, self.complete, bucket, upload, small)
        self.refused("MalformedXML", 400, self.complete, bucket, upload, [])
        self.refused("NoSuchUpload", 404, self.complete, bucket, "nonsense", [first])
        self.refused("NoSuchUpload", 404, self.s3.upload_part, Bucket=bucket, Key="k", UploadId="x", PartNumber=1, Body=b"")
        self.refused("NoSuchUpload", 404, self.s3.upload_part, Bucket=bucket, Key="other", UploadId=upload, PartNumber=1, Body=b"")
        for number in ("0", "10001", "x"):
            status = self.ask("PUT", f"/{bucket}/k?partNumber={number}&uploadId={upload}", b"x")[0]
            self.assertEqual(status, 400, number)

    def test_aborted(self):
        bucket = self.bucket()
        upload = self.begin(bucket)
        self.part(bucket, upload, 1, b"x" * MEBI)
        self.s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
        self.refused("NoSuchUpload", 404, self.s3.list_parts, Bucket=bucket, Key="k", UploadId=upload)
        self.refused("NoSuchUpload", 404, self.s3.abort_multipart_upload, Bucket=bucket, Key="k", UploadId="nonsense")
        self.assertEqual(self.keys(bucket), [])
        self.s3.delete_bucket(Bucket=bucket)

    def test_lists(self):
        bucket = self.bucket()
        one, two, other = self.begin(bucket), self.begin(bucket), self.begin(bucket, "dir/x")
        found = self.s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
        self.assertEqual([(upload["Key"], upload["UploadId"]) for upload in found], [("dir/x", other), ("k", one), ("k", two)])
        page = self.s3.list_multipart_uploads(Bucket=bucket, MaxUploads=2)
        self.assertTrue(page["IsTruncated"])
        page = self.s3.list_multipart_uploads(
            Bucket=bucket, KeyMarker=page["NextKeyMarker"], UploadIdMarker=page["NextUploadIdMarker"])
        self.assertEqual([upload["UploadId"] for upload in page["Uploads"]], [two])
        page = self.s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
        self.assertEqual([prefix["Prefix"] for prefix in page["CommonPrefixes"]], ["dir/"])
        for number in (1, 2, 5):
            self.part(bucket, one, number, b"x" * number)
        page = self.s3.list_parts(Bucket=bucket, Key="k", UploadId=one, MaxParts=2)
        self.assertEqual(([part["PartNumber"] for part in page["Parts"]], page["IsTruncated"], page["NextPartNumberMarker"]), ([1, 2], True, 2))
        page = self.s3.list_parts(Bucket=bucket, Key="k", UploadId=one, PartNumberMarker=2)
        self.assertEqual([(part["PartNumber"], part["Size"]) for part in page["Parts"]], [(5, 5)])

    def test_parts_that_are_copies(self):
        bucket = self.bucket()
        content = os.urandom(10 * MEBI + 7)
        keys = ["source", " ", "_", "__", "?versionId", "ä%41"]
        self.put(bucket, *keys, body=content)
        for key in keys:
            upload = self.begin(bucket)
            parts = []
            for number, start in enumerate(range(0, len(content), 5 * MEBI), 1):
                end = min(start + 5 * MEBI, len(content)) - 1
                result = self.s3.upload_part_copy(
                    Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, CopySource={"Bucket": bucket, "Key": key},
                    CopySourceRange=f"bytes={start}-{end}")["CopyPartResult"]
                parts.append({"PartNumber": number, "ETag": result["ETag"]})
            self.complete(bucket, upload, parts)
            self.assertEqual(self.read(bucket, "k"), content)
        upload = self.begin(bucket)
        whole = self.s3.upload_part_copy(
            Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, CopySource={"Bucket": bucket, "Key": "source"})
        self.complete(bucket, upload, [{"PartNumber": 1, "ETag": whole["CopyPartResult"]["ETag"]}])
        self.assertEqual(self.read(bucket, "k"), content)

    def test_ranges_of_copies_that_are_refused(self):
        bucket = self.bucket()
        self.put(bucket, "source", body=b"12345")
        upload = self.begin(bucket)
        arguments = {"Bucket": bucket, "Key": "k", "UploadId": upload, "PartNumber": 1, "CopySource": {"Bucket": bucket, "Key": "source"}}
        self.refused("InvalidRange", 416, self.s3.upload_part_copy, **arguments, CopySourceRange="bytes=0-21")
        for field in ("0-2", "bytes=0", "bytes=hello-world", "bytes=0-bar", "bytes=hello-", "bytes=0-2,3-5", "bytes=4-2"):
            self.refused("InvalidArgument", 400, self.s3.upload_part_copy, **arguments, CopySourceRange=field)

    def test_conditions_on_completion(self):
        bucket = self.bucket()
        self.put(bucket, "k", body=b"there")
        upload = self.begin(bucket)
        part = self.part(bucket, upload, 1, b"new")
        self.refused("PreconditionFailed", 412, self.complete, bucket, upload, [part], IfNoneMatch="*")
        self.assertEqual(self.read(bucket, "k"), b"there")
        # R2 counts such an upload as aborted.
        self.refused("NoSuchUpload", 404, self.complete, bucket, upload, [part])

    def test_200_mebibytes_from_four_threads(self):
        bucket = self.bucket()
        content = os.urandom(4 * MEBI) * 50
        config = boto3.s3.transfer.TransferConfig(multipart_chunksize=8 * MEBI, max_concurrency=4)
        self.s3.upload_fileobj(io.BytesIO(content), bucket, "large", Config=config)
        head = self.s3.head_object(Bucket=bucket, Key="large")
        self.assertEqual((head["ContentLength"], head["ETag"][-4:-1]), (len(content), "-25"))
        found = io.BytesIO()
        self.s3.download_fileobj(bucket, "large", found, Config=config)
        self.assertEqual(hashlib.sha256(found.getvalue()).digest(), hashlib.sha256(content).digest())

    def test_an_upload_that_was_interrupted_is_resumed(self):
        bucket = self.bucket()
        content = [os.urandom(5 * MEBI) for _ in range(4)]
        upload = self.begin(bucket, "resumed")
        for number in (1, 3):
            self.part(bucket, upload, number, content[number - 1], "resumed")
        # Another client comes, with nothing but the names.
        client = self.client()
        found = client.list_multipart_uploads(Bucket=bucket)["Uploads"][0]["UploadId"]
        there = {part["PartNumber"]: part["ETag"] for part in client.list_parts(Bucket=bucket, Key="resumed", UploadId=found)["Parts"]}
        self.assertEqual(sorted(there), [1, 3])
        threads = []
        for number in (2, 4):
            def send(number=number):
                there[number] = self.part(bucket, found, number, content[number - 1], "resumed")["ETag"]

            threads.append(threading.Thread(target=send))
            threads[-1].start()
        for thread in threads:
            thread.join()
        self.complete(bucket, found, [{"PartNumber": n, "ETag": there[n]} for n in sorted(there)], "resumed")
        self.assertEqual(self.read(bucket, "resumed"), b"".join(content))
