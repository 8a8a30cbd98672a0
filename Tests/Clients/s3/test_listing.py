"""Lists of objects."""

import concurrent.futures

from s3.kit import S3Test, setUpModule  # noqa: F401


class Lists(S3Test):
    def both(self, bucket, **arguments):
        """Keys and prefixes by either version of the call; they have to be the same."""
        results = []
        for call in (self.s3.list_objects, self.s3.list_objects_v2):
            answer = call(Bucket=bucket, **arguments)
            results.append((
                [entry["Key"] for entry in answer.get("Contents", [])],
                [entry["Prefix"] for entry in answer.get("CommonPrefixes", [])]))
        self.assertEqual(*results)
        return results[0]

    def paged(self, bucket, size, **arguments):
        results = []
        for name in ("list_objects", "list_objects_v2"):
            keys, prefixes, pages = [], [], 0
            for page in self.s3.get_paginator(name).paginate(
                    Bucket=bucket, PaginationConfig={"PageSize": size}, **arguments):
                pages += 1
                self.assertLessEqual(len(page.get("Contents", [])) + len(page.get("CommonPrefixes", [])), size)
                keys += [entry["Key"] for entry in page.get("Contents", [])]
                prefixes += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
            results.append((keys, prefixes))
        self.assertEqual(*results)
        return results[0]

    def test_delimiters_and_prefixes(self):
        bucket = self.bucket()
        self.put(bucket, "asdf", "boo/bar", "boo/baz/xyzzy", "cquux/thud", "cquux/bla")
        self.assertEqual(self.both(bucket, Delimiter="/"), (["asdf"], ["boo/", "cquux/"]))
        self.assertEqual(self.both(bucket, Delimiter="/", Prefix="boo/"), (["boo/bar"], ["boo/baz/"]))
        self.assertEqual(self.both(bucket, Delimiter="a"), (["cquux/thud"], ["a", "boo/ba", "cquux/bla"]))
        self.assertEqual(self.both(bucket, Delimiter="none")[1], [])
        self.assertEqual(len(self.both(bucket, Delimiter="")[0]), 5)
        self.assertEqual(self.both(bucket, Prefix="nothing"), ([], []))
        for size in (1, 2, 3):
            self.assertEqual(self.paged(bucket, size, Delimiter="/"), (["asdf"], ["boo/", "cquux/"]))
            self.assertEqual(self.paged(bucket, size, Delimiter="/", Prefix="boo/"), (["boo/bar"], ["boo/baz/"]))
            self.assertEqual(len(self.paged(bucket, size)[0]), 5)

    def test_delimiters_of_other_kinds(self):
        bucket = self.bucket()
        keys = ["b%ar", "b%az", "c%ab", "foo", "b.ar", "b ar", "0/", "0/1"]
        self.put(bucket, *keys)
        self.assertEqual(self.both(bucket, Delimiter="%")[1], ["b%", "c%"])
        self.assertEqual(self.both(bucket, Delimiter=".")[1], ["b."])
        self.assertEqual(self.both(bucket, Delimiter=" ")[1], ["b "])
        self.assertEqual(self.both(bucket, Delimiter="/")[1], ["0/"])
        self.assertEqual(self.both(bucket, Delimiter="/", Prefix="0/"), (["0/", "0/1"], []))
        self.assertEqual(self.both(bucket, Delimiter="%a", Prefix="b")[1], ["b%a"])
        self.assertEqual(self.both(bucket, Prefix="\x0a"), ([], []))

    def test_an_empty_bucket(self):
        bucket = self.bucket()
        self.assertEqual(self.both(bucket), ([], []))
        self.assertEqual(self.s3.list_objects_v2(Bucket=bucket)["KeyCount"], 0)

    def test_markers(self):
        bucket = self.bucket()
        self.put(bucket, "bar", "baz", "foo", "quxx")
        self.assertEqual([e["Key"] for e in self.s3.list_objects(Bucket=bucket, Marker="blah")["Contents"]], ["foo", "quxx"])
        self.assertEqual([e["Key"] for e in self.s3.list_objects(Bucket=bucket, Marker="baz")["Contents"]], ["foo", "quxx"])
        self.assertNotIn("Contents", self.s3.list_objects(Bucket=bucket, Marker="zzz"))
        self.assertEqual(len(self.s3.list_objects(Bucket=bucket, Marker="\x0a")["Contents"]), 4)
        self.assertEqual(len(self.s3.list_objects(Bucket=bucket, Marker="")["Contents"]), 4)
        self.assertEqual([e["Key"] for e in self.s3.list_objects_v2(Bucket=bucket, StartAfter="blah")["Contents"]], ["foo", "quxx"])
        self.assertNotIn("Contents", self.s3.list_objects_v2(Bucket=bucket, StartAfter="zzz"))
        page = self.s3.list_objects_v2(Bucket=bucket, MaxKeys=1, StartAfter="bar")
        self.assertEqual((page["StartAfter"], page["IsTruncated"], page["Contents"][0]["Key"]), ("bar", True, "baz"))
        page = self.s3.list_objects_v2(Bucket=bucket, StartAfter="bar", ContinuationToken=page["NextContinuationToken"])
        self.assertEqual([e["Key"] for e in page["Contents"]], ["foo", "quxx"])
        page = self.s3.list_objects_v2(Bucket=bucket, ContinuationToken="")
        self.assertEqual((page["ContinuationToken"], page["IsTruncated"], page["KeyCount"]), ("", False, 4))
        self.refused("InvalidArgument", 400, self.s3.list_objects_v2, Bucket=bucket, ContinuationToken="***")

    def test_numbers_of_keys(self):
        bucket = self.bucket()
        self.put(bucket, "a", "b")
        page = self.s3.list_objects(Bucket=bucket, MaxKeys=1)
        self.assertEqual((page["IsTruncated"], page["NextMarker"], page["MaxKeys"]), (True, "a", 1))
        for call in (self.s3.list_objects, self.s3.list_objects_v2):
            page = call(Bucket=bucket, MaxKeys=0)
            self.assertEqual((page["IsTruncated"], page.get("Contents")), (False, None))
        for value, code in (("blah", b"InvalidArgument"), ("-1", b"InvalidArgument"), ("1001", b"InvalidMaxKeys")):
            status, _, body = self.ask("GET", f"/{bucket}?max-keys={value}")
            self.assertEqual((status, code in body), (400, True), body)
        self.assertEqual(self.ask("GET", f"/{bucket}?surprise=1")[0], 501)
        self.assertEqual(self.ask("GET", f"/{bucket}?x-id=ListObjects&x-purpose=test")[0], 200)

    def test_owners(self):
        bucket = self.bucket()
        self.put(bucket, "a")
        self.assertIn("Owner", self.s3.list_objects_v2(Bucket=bucket, FetchOwner=True)["Contents"][0])
        self.assertNotIn("Owner", self.s3.list_objects_v2(Bucket=bucket, FetchOwner=False)["Contents"][0])
        self.assertNotIn("Owner", self.s3.list_objects_v2(Bucket=bucket)["Contents"][0])

    def test_encoded_keys(self):
        bucket = self.bucket()
        self.put(bucket, "asdf+b", "foo+1/bar", "foo/bar/xyzzy", "quux ab/thud", "<&>", "é")
        body = self.ask("GET", f"/{bucket}?list-type=2&delimiter=%2F&encoding-type=url")[2]
        for text in (b"<Key>asdf%2Bb</Key>", b"<Prefix>foo%2B1/</Prefix>", b"<Prefix>quux%20ab/</Prefix>",
                     b"<Key>%3C%26%3E</Key>", b"<Key>%C3%A9</Key>"):
            self.assertIn(text, body)
        body = self.ask("GET", f"/{bucket}?list-type=2&prefix=%3C")[2]
        self.assertIn(b"<Key>&lt;&amp;&gt;</Key>", body)
        self.assertEqual(self.ask("GET", f"/{bucket}?encoding-type=rot13")[0], 400)

    def test_what_is_said_of_an_object(self):
        bucket = self.bucket()
        etag = self.s3.put_object(Bucket=bucket, Key="a", Body=b"abc")["ETag"]
        head = self.s3.head_object(Bucket=bucket, Key="a")
        entry = self.s3.list_objects_v2(Bucket=bucket)["Contents"][0]
        self.assertEqual((entry["ETag"], entry["Size"], entry["StorageClass"]), (etag, 3, "STANDARD"))
        self.assertEqual(entry["LastModified"].replace(microsecond=0), head["LastModified"])

    def test_ten_thousand_keys(self):
        bucket = self.bucket()
        keys = [f"key-{number:05}" for number in range(10_000)]

        def put(part):
            client = self.client()
            for key in part:
                client.put_object(Bucket=bucket, Key=key, Body=b"")

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(put, [keys[start::4] for start in range(4)]))
        pages = list(self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket))
        self.assertEqual([entry["Key"] for page in pages for entry in page["Contents"]], keys)
        self.assertEqual([page["KeyCount"] for page in pages], [1000] * 10)
        for start in range(0, 10_000, 1000):
            self.s3.delete_objects(
                Bucket=bucket, Delete={"Quiet": True, "Objects": [{"Key": key} for key in keys[start:start + 1000]]})
        self.s3.delete_bucket(Bucket=bucket)
