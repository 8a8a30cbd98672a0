"""Checksums, and the forms in which content is sent."""

import base64
import hashlib
import hmac
import os
import struct
import zlib

from s3.kit import MEBI, S3Test, setUpModule, sign  # noqa: F401

CONTENT = b"123456789"
# Check values of the catalogue of parametrised CRC algorithms.
VALUES = {
    "CRC32": struct.pack(">I", 0xCBF43926), "CRC32C": struct.pack(">I", 0xE3069283),
    "CRC64NVME": struct.pack(">Q", 0xAE8B14860A799888), "SHA1": hashlib.sha1(CONTENT).digest(),
    "SHA256": hashlib.sha256(CONTENT).digest()}


def text(value):
    return base64.b64encode(value).decode()


def chunks(content, size=8192):
    return [content[start:start + size] for start in range(0, len(content), size)]


class Checksums(S3Test):
    def field(self, algorithm):
        return f"x-amz-checksum-{algorithm.lower()}"

    def test_each_is_checked_and_kept(self):
        bucket = self.bucket()
        for algorithm, value in VALUES.items():
            name = self.field(algorithm)
            status, fields, body = self.ask("PUT", f"/{bucket}/{algorithm}", CONTENT, headers={name: text(value)})
            self.assertEqual((status, fields[name]), (200, text(value)), body)
            status, fields, body = self.ask("GET", f"/{bucket}/{algorithm}", headers={"x-amz-checksum-mode": "ENABLED"})
            self.assertEqual((fields[name], fields["x-amz-checksum-type"], body), (text(value), "FULL_OBJECT", CONTENT))
            self.assertIsNone(self.ask("GET", f"/{bucket}/{algorithm}")[1][name])
            head = self.s3.head_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
            self.assertEqual(head[f"Checksum{algorithm}"], text(value))
            wrong = text(bytes(len(value)))
            status, _, body = self.ask("PUT", f"/{bucket}/wrong", CONTENT, headers={name: wrong})
            self.assertEqual((status, b"<Code>BadDigest</Code>" in body), (400, True))
            for bad in ("", "x", text(value)[:-1], text(value + b"\0")):
                status, _, body = self.ask("PUT", f"/{bucket}/wrong", CONTENT, headers={name: bad})
                self.assertEqual((status, b"<Code>InvalidDigest</Code>" in body), (400, True), (name, bad))
        self.assertNotIn("wrong", self.keys(bucket))

    def test_content_md5(self):
        bucket = self.bucket()
        good = text(hashlib.md5(CONTENT).digest())
        self.assertEqual(self.ask("PUT", f"/{bucket}/k", CONTENT, headers={"Content-MD5": good})[0], 200)
        for bad, code in ((text(b"\0" * 16), b"BadDigest"), ("", b"InvalidDigest"), ("YWJyYWNhZGFicmE=", b"InvalidDigest")):
            status, _, body = self.ask("PUT", f"/{bucket}/k", b"other", headers={"Content-MD5": bad})
            self.assertEqual((status, code in body), (400, True), body)
        self.assertEqual(self.read(bucket, "k"), CONTENT)

    def test_the_client_computes_them(self):
        bucket = self.bucket()
        for algorithm in ("CRC32", "SHA1", "SHA256"):
            for body in (b"", b"x", os.urandom(3 * MEBI)):
                self.s3.put_object(Bucket=bucket, Key=algorithm, Body=body, ChecksumAlgorithm=algorithm)
                answer = self.s3.get_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
                self.assertEqual(answer["Body"].read(), body)

    def test_signed_payloads(self):
        bucket = self.bucket()
        headers = sign(self.access, "PUT", f"http://127.0.0.1:{self.port}/{bucket}/k", b"one", {})
        status, _, body = self.ask("PUT", f"/{bucket}/k", b"two", headers=headers, signed=False)
        self.assertEqual((status, b"XAmzContentSHA256Mismatch" in body), (400, True), body)
        status, _, body = self.ask("PUT", f"/{bucket}/k", b"any", headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
        self.assertEqual(status, 200, body)

    def chunked(self, bucket, content, form, trailer=None, signed=False, spoil=None):
        """One upload in the form `aws-chunked`."""
        path = f"/{bucket}/chunked"
        headers = {
            "X-Amz-Content-SHA256": form, "Content-Encoding": "aws-chunked",
            "x-amz-decoded-content-length": str(len(content))}
        if trailer:
            headers["x-amz-trailer"] = trailer[0]
        headers = sign(self.access, "PUT", f"http://127.0.0.1:{self.port}{path}", b"", headers)
        stamp = headers["X-Amz-Date"]
        scope = f"{stamp[:8]}/auto/s3/aws4_request"
        key = b"AWS4" + self.access[1].encode()
        for part in (stamp[:8], "auto", "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        last = headers["Authorization"].rsplit("=", 1)[1]
        empty = hashlib.sha256(b"").hexdigest()

        def signature(kind, *lines):
            nonlocal last
            last = hmac.new(key, "\n".join((kind, stamp, scope, last, *lines)).encode(), "sha256").hexdigest()
            return last

        body = b""
        for chunk in [*chunks(content, 64 * 1024), b""]:
            extension = ""
            if signed:
                extension = ";chunk-signature=" + signature("AWS4-HMAC-SHA256-PAYLOAD", empty, hashlib.sha256(chunk).hexdigest())
            body += f"{len(chunk):x}{extension}\r\n".encode()
            if chunk:
                body += chunk + b"\r\n"
        if trailer:
            line = f"{trailer[0]}:{trailer[1]}"
            body += f"{line}\r\n".encode()
            if signed:
                digest = hashlib.sha256(f"{line}\n".encode()).hexdigest()
                body += f"x-amz-trailer-signature:{signature('AWS4-HMAC-SHA256-TRAILER', digest)}\r\n".encode()
        body += b"\r\n"
        if spoil:
            body = body.replace(*spoil, 1)
        return self.ask("PUT", path, body, headers=headers, signed=False)

    def test_content_in_chunks(self):
        bucket = self.bucket()
        crc = "x-amz-checksum-crc32"
        for content in (b"", b"x", os.urandom(300_000)):
            value = text(struct.pack(">I", zlib.crc32(content)))
            for form, arguments in (
                    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", {"signed": True}),
                    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", {"signed": True, "trailer": (crc, value)}),
                    ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", {"trailer": (crc, value)})):
                status, fields, body = self.chunked(bucket, content, form, **arguments)
                self.assertEqual(status, 200, (form, body))
                answer = self.s3.get_object(Bucket=bucket, Key="chunked")
                self.assertEqual(answer["Body"].read(), content)
                self.assertNotIn("ContentEncoding", answer)
                if "trailer" in arguments:
                    self.assertEqual(fields[crc], value)

    def test_chunks_that_are_not_as_they_were_signed(self):
        bucket = self.bucket()
        content = b"y" * 100_000
        value = text(struct.pack(">I", zlib.crc32(content)))
        signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
        for form, arguments, code in (
                (signed, {"signed": True, "spoil": (b"yyy", b"yzy")}, b"SignatureDoesNotMatch"),
                (f"{signed}-TRAILER", {"signed": True, "trailer": ("x-amz-checksum-crc32", value), "spoil": (value.encode(), b"AAAAAA==")},
                 b"SignatureDoesNotMatch"),
                ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", {"trailer": ("x-amz-checksum-crc32", "AAAAAA==")}, b"BadDigest"),
                ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", {"trailer": ("x-amz-checksum-crc32", value), "spoil": (b"crc32:", b"other:")},
                 b"MalformedTrailerError"),
                (signed, {"signed": True, "spoil": (b"0;chunk", b"1;chunk")}, b"<Code>")):
            status, _, body = self.chunked(bucket, content, form, **arguments)
            self.assertEqual((status // 100, code in body), (4, True), (form, body))
        self.assertEqual(self.keys(bucket), [])

    def test_of_an_object_in_parts(self):
        bucket = self.bucket()
        bodies = [os.urandom(5 * MEBI), b"end"]
        for algorithm, kind in (("CRC32", "COMPOSITE"), ("SHA256", "COMPOSITE"), ("SHA1", "COMPOSITE"), ("CRC32", "FULL_OBJECT"),
                                ("CRC64NVME", "FULL_OBJECT"), ("CRC32C", "FULL_OBJECT")):
            status, fields, body = self.ask("POST", f"/{bucket}/k?uploads=", headers={
                "x-amz-checksum-algorithm": algorithm, "x-amz-checksum-type": kind})
            self.assertEqual((status, fields["x-amz-checksum-type"]), (200, kind), body)
            upload = body.split(b"<UploadId>")[1].split(b"<")[0].decode()
            parts = []
            for number, content in enumerate(bodies, 1):
                status, fields, _ = self.ask("PUT", f"/{bucket}/k?partNumber={number}&uploadId={upload}", content)
                # It was not sent along, and is computed all the same.
                parts.append((number, fields["ETag"], fields[self.field(algorithm)]))
            listed = self.s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
            self.assertEqual([part[f"Checksum{algorithm}"] for part in listed["Parts"]], [part[2] for part in parts])
            wanted = [{"PartNumber": n, "ETag": e, f"Checksum{algorithm}": c} for n, e, c in parts]
            wrong = [wanted[0], {**wanted[1], f"Checksum{algorithm}": parts[0][2]}]
            arguments = {"Bucket": bucket, "Key": "k", "UploadId": upload}
            self.refused("InvalidPart", 400, self.s3.complete_multipart_upload, **arguments, MultipartUpload={"Parts": wrong})
            done = self.s3.complete_multipart_upload(**arguments, MultipartUpload={"Parts": wanted})
            value = done[f"Checksum{algorithm}"]
            if kind == "COMPOSITE":
                hashes = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256}
                joined = b"".join(base64.b64decode(part[2]) for part in parts)
                digest = hashes[algorithm](joined).digest() if algorithm in hashes else struct.pack(">I", zlib.crc32(joined))
                self.assertEqual(value, f"{text(digest)}-2")
            elif algorithm == "CRC32":
                self.assertEqual(value, text(struct.pack(">I", zlib.crc32(b"".join(bodies)))))
            answer = self.s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
            self.assertEqual((answer["Body"].read(), answer["ChecksumType"]), (b"".join(bodies), kind))
        self.assertEqual(self.ask("POST", f"/{bucket}/k?uploads=", headers={
            "x-amz-checksum-algorithm": "CRC64NVME", "x-amz-checksum-type": "COMPOSITE"})[0], 400)

    def test_a_part_with_another_checksum_is_refused(self):
        bucket = self.bucket()
        upload = self.s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256")["UploadId"]
        status, _, body = self.ask(
            "PUT", f"/{bucket}/k?partNumber=1&uploadId={upload}", CONTENT, headers={self.field("CRC32"): text(VALUES["CRC32"])})
        self.assertEqual((status, b"InvalidRequest" in body), (400, True), body)

    def test_parts_that_are_copies_have_checksums_too(self):
        bucket = self.bucket()
        content = os.urandom(5 * MEBI + 77)
        self.put(bucket, "source", body=content)
        arguments = {"Bucket": bucket, "Key": "k"}
        upload = self.s3.create_multipart_upload(**arguments, ChecksumAlgorithm="CRC32")["UploadId"]
        parts = []
        for number, field in ((1, f"bytes=0-{5 * MEBI - 1}"), (2, f"bytes={5 * MEBI}-{len(content) - 1}")):
            result = self.s3.upload_part_copy(
                **arguments, UploadId=upload, PartNumber=number, CopySource={"Bucket": bucket, "Key": "source"},
                CopySourceRange=field)["CopyPartResult"]
            parts.append({"PartNumber": number, "ETag": result["ETag"], "ChecksumCRC32": result["ChecksumCRC32"]})
        self.assertEqual(parts[0]["ChecksumCRC32"], text(struct.pack(">I", zlib.crc32(content[:5 * MEBI]))))
        done = self.s3.complete_multipart_upload(**arguments, UploadId=upload, MultipartUpload={"Parts": parts})
        self.assertTrue(done["ChecksumCRC32"].endswith("-2"), done)
        self.assertEqual(self.s3.get_object(**arguments, ChecksumMode="ENABLED")["Body"].read(), content)
