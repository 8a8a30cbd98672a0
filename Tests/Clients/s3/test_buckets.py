"""Buckets, and what is set on them."""

import datetime
import secrets
import unittest

from s3.kit import S3Test, setUpModule  # noqa: F401


class Buckets(S3Test):
    def test_made_listed_looked_at_and_removed(self):
        names = sorted(f"list-{secrets.token_hex(4)}-{number}" for number in range(5))
        before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=2)
        for name in names:
            self.s3.create_bucket(Bucket=name)
        listed = {bucket["Name"]: bucket["CreationDate"] for bucket in self.s3.list_buckets()["Buckets"]}
        for name in names:
            self.assertGreaterEqual(listed[name], before)
        self.assertEqual(self.s3.head_bucket(Bucket=names[0])["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"], "auto")
        for name in names:
            self.s3.delete_bucket(Bucket=name)
            self.refused("404", 404, self.s3.head_bucket, Bucket=name)
            self.refused("NoSuchBucket", 404, self.s3.delete_bucket, Bucket=name)
            self.refused("NoSuchBucket", 404, self.s3.list_objects_v2, Bucket=name)
            self.refused("NoSuchBucket", 404, self.s3.put_object, Bucket=name, Key="k", Body=b"x")
            self.refused("NoSuchBucket", 404, self.s3.get_object, Bucket=name, Key="k")

    def test_pages_of_buckets(self):
        prefix = f"page-{secrets.token_hex(4)}-"
        names = [f"{prefix}{letter}" for letter in "abcde"]
        for name in names:
            self.s3.create_bucket(Bucket=name)
        found, token = [], ""
        while True:
            status, fields, _ = self.ask(
                "GET", "/", headers={"cf-prefix": prefix, "cf-max-keys": "2", **({"cf-continuation-token": token} if token else {})})
            self.assertEqual(status, 200)
            token = fields["cf-next-continuation-token"]
            found.append(fields["cf-is-truncated"])
            if not token:
                break
        self.assertEqual(found, ["true", "true", "false"])
        page = self.s3.list_buckets(Prefix=prefix, MaxBuckets=3)
        self.assertEqual([bucket["Name"] for bucket in page["Buckets"]], names[:3])

    def test_names(self):
        for length in (3, 60, 61, 62, 63):
            name = (f"n{secrets.token_hex(8)}" + "x" * 63)[:length] if length > 17 else f"a{secrets.token_hex(1)}"[:3]
            self.s3.create_bucket(Bucket=name)
            self.s3.delete_bucket(Bucket=name)
        for name in (f"a{secrets.token_hex(5)}", f"0{secrets.token_hex(5)}"):
            self.s3.create_bucket(Bucket=name)
        for name in ("-foo", "foo-", "fo", "x" * 64, "foo_bar", "192.168.5.123", "foo..bar", "foo.-bar", "Foo", "foo.bar"):
            status, _, body = self.ask("PUT", f"/{name}")
            self.assertEqual((status, b"InvalidBucketName" in body), (400, True), name)

    def test_a_bucket_that_exists_or_is_not_empty(self):
        bucket = self.bucket()
        self.refused("BucketConflict", 409, self.s3.create_bucket, Bucket=bucket)
        self.put(bucket, "k")
        self.refused("BucketNotEmpty", 409, self.s3.delete_bucket, Bucket=bucket)

    def test_locations(self):
        for location in ("", "auto", "us-east-1", "weur", "ENAM"):
            name = f"t-{secrets.token_hex(8)}"
            configuration = {"CreateBucketConfiguration": {"LocationConstraint": location}} if location else {}
            self.s3.create_bucket(Bucket=name, **configuration)
            self.assertEqual(self.s3.get_bucket_location(Bucket=name)["LocationConstraint"], "auto")
        self.refused(
            "InvalidLocationConstraint", 400, self.s3.create_bucket, Bucket="t-nowhere",
            CreateBucketConfiguration={"LocationConstraint": "the-moon"})

    def test_what_a_bucket_says_about_features_that_are_not_used(self):
        bucket = self.bucket()
        rules = self.s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        self.assertEqual(rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256")
        self.assertEqual(self.s3.get_bucket_acl(Bucket=bucket)["Grants"][0]["Permission"], "FULL_CONTROL")
        self.assertNotIn("Status", self.s3.get_bucket_versioning(Bucket=bucket))
        self.refused("NoSuchTagSet", 404, self.s3.get_bucket_tagging, Bucket=bucket)
        self.refused("ReplicationConfigurationNotFoundError", 404, self.s3.get_bucket_replication, Bucket=bucket)
        self.refused(
            "ObjectLockConfigurationNotFoundError", 404, self.s3.get_object_lock_configuration, Bucket=bucket)
        for call, arguments in (
                (self.s3.get_bucket_policy, {}), (self.s3.list_object_versions, {}), (self.s3.get_bucket_website, {}),
                (self.s3.get_bucket_logging, {}), (self.s3.get_public_access_block, {}),
                (self.s3.put_bucket_versioning, {"VersioningConfiguration": {"Status": "Enabled"}}),
                (self.s3.put_bucket_tagging, {"Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}),
                (self.s3.put_bucket_acl, {"ACL": "private"})):
            self.refused("NotImplemented", 501, call, Bucket=bucket, **arguments)

    def test_an_acl_is_taken_and_has_no_effect(self):
        name = f"t-{secrets.token_hex(8)}"
        self.s3.create_bucket(Bucket=name, ACL="public-read")
        self.s3.put_object(Bucket=name, Key="k", Body=b"x", ACL="public-read")
        self.assertEqual(self.ask("GET", f"/{name}/k", signed=False)[0], 401)

    def test_requests_with_unusual_fields(self):
        for headers, status in (
                ({"Content-Length": "0"}, 200), ({"Expect": ""}, 200), ({"Content-Length": "-1"}, 400),
                ({"Content-Length": ""}, 400)):
            got, _, body = self.ask("PUT", f"/t-{secrets.token_hex(8)}", headers=headers)
            self.assertEqual(got, status, (headers, body))

    def test_virtual_hosts(self):
        bucket = self.bucket()
        for host in (f"{bucket}.localhost:{self.port}", f"{bucket}.s3.localhost:{self.port}"):
            self.assertEqual(self.ask("PUT", "/a%2Fb", b"1", host=host)[0], 200)
            self.assertEqual(self.ask("GET", "/a/b", host=host)[2], b"1")
            self.assertIn(b"<Key>a/b</Key>", self.ask("GET", "/?list-type=2", host=host)[2])
        self.assertEqual(self.ask("GET", f"/{bucket}/a/b", host=f"s3.localhost:{self.port}")[2], b"1")
        client = self.client(f"http://localhost:{self.port}", s3={"addressing_style": "virtual"})
        try:
            client.put_object(Bucket=bucket, Key="via-name", Body=b"2")
        except Exception as error:  # noqa: BLE001
            # Names under localhost are not resolved everywhere.
            if "Could not connect" not in str(error):
                raise
            raise unittest.SkipTest("this machine does not resolve names under localhost") from error
        self.assertEqual(self.read(bucket, "via-name"), b"2")

    def test_a_name_of_another_machine_is_refused(self):
        self.assertEqual(self.ask("GET", "/", host="evil.example")[0], 403)


class Lifecycle(S3Test):
    def rules(self, *rules):
        return {"Rules": list(rules)}

    def test_set_read_and_removed(self):
        bucket = self.bucket()
        first = self.s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        self.assertEqual(first[0]["AbortIncompleteMultipartUpload"], {"DaysAfterInitiation": 7})
        rules = [
            {"ID": "one", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 1}},
            {"ID": "two", "Status": "Disabled", "Filter": {"Prefix": "b/"},
             "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}]},
            {"ID": "three", "Status": "Enabled", "Filter": {"Prefix": ""},
             "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}},
            {"ID": "four", "Status": "Enabled", "Filter": {"Prefix": "d/"},
             "Expiration": {"Date": datetime.datetime(2030, 9, 27, tzinfo=datetime.timezone.utc)}}]
        self.s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=self.rules(*rules))
        self.assertEqual(self.s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"], rules)
        self.s3.delete_bucket_lifecycle(Bucket=bucket)
        self.refused("NoSuchLifecycleConfiguration", 404, self.s3.get_bucket_lifecycle_configuration, Bucket=bucket)

    def test_rules_without_names_get_some(self):
        bucket = self.bucket()
        self.s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=self.rules(
            {"Status": "Enabled", "Prefix": "a", "Expiration": {"Days": 31}},
            {"Status": "Enabled", "Prefix": "b", "Expiration": {"Days": 120}}))
        rules = self.s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        self.assertEqual(len({rule["ID"] for rule in rules}), 2)

    def test_what_is_refused(self):
        bucket = self.bucket()
        for rule in (
                {"ID": "r", "Status": "Enabled", "Prefix": "a", "Expiration": {"Days": 0}},
                {"ID": "r", "Status": "Enabled", "Prefix": "a"}):
            self.refused(
                "InvalidArgument", 400, self.s3.put_bucket_lifecycle_configuration, Bucket=bucket,
                LifecycleConfiguration=self.rules(rule))
        same = {"ID": "r", "Status": "Enabled", "Prefix": "a", "Expiration": {"Days": 1}}
        self.refused(
            "InvalidArgument", 400, self.s3.put_bucket_lifecycle_configuration, Bucket=bucket,
            LifecycleConfiguration=self.rules(same, same))
        for document in (
                b"<LifecycleConfiguration><Rule><Status>enabled</Status></Rule></LifecycleConfiguration>",
                b"<LifecycleConfiguration><Rule><ID>x</ID><Status>Enabled</Status><Prefix/><Transition><Date>20200101</Date>"
                b"<StorageClass>STANDARD_IA</StorageClass></Transition></Rule></LifecycleConfiguration>",
                b"<!DOCTYPE a [<!ENTITY b 'c'>]><LifecycleConfiguration/>", b"", b"<a>"):
            status, _, body = self.ask("PUT", f"/{bucket}?lifecycle", document)
            self.assertEqual((status, b"<Code>MalformedXML</Code>" in body), (400, True), (document, body))

    def test_objects_expire_when_the_clock_moves(self):
        bucket = self.bucket()
        self.s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=self.rules(
            {"ID": "days/1", "Status": "Enabled", "Filter": {"Prefix": "days1/"}, "Expiration": {"Days": 1}}))
        answer = self.s3.put_object(Bucket=bucket, Key="days1/k", Body=b"x")
        self.assertIn('rule-id="days%2F1"', answer["Expiration"])
        self.assertIn("expiry-date=", self.s3.head_object(Bucket=bucket, Key="days1/k")["Expiration"])
        self.put(bucket, "kept")
        self.assertNotIn("Expiration", self.s3.head_object(Bucket=bucket, Key="kept"))


class CORS(S3Test):
    RULES = {"CORSRules": [
        {"ID": "shop", "AllowedOrigins": ["https://*.shop.example"], "AllowedMethods": ["GET", "PUT"],
         "AllowedHeaders": ["x-amz-*", "Content-Type"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 600},
        {"AllowedOrigins": ["*"], "AllowedMethods": ["HEAD"]}]}

    def preflight(self, bucket, origin, method, headers=None):
        fields = {"Origin": origin, "Access-Control-Request-Method": method}
        if headers:
            fields["Access-Control-Request-Headers"] = headers
        return self.ask("OPTIONS", f"/{bucket}/k", headers=fields, signed=False)

    def test_set_read_and_removed(self):
        bucket = self.bucket()
        self.refused("NoSuchCORSConfiguration", 404, self.s3.get_bucket_cors, Bucket=bucket)
        self.s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=self.RULES)
        self.assertEqual(self.s3.get_bucket_cors(Bucket=bucket)["CORSRules"], self.RULES["CORSRules"])
        self.s3.delete_bucket_cors(Bucket=bucket)
        self.refused("NoSuchCORSConfiguration", 404, self.s3.get_bucket_cors, Bucket=bucket)

    def test_preflights(self):
        bucket = self.bucket()
        self.assertEqual(self.preflight(bucket, "https://a.shop.example", "PUT")[0], 403)
        self.s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=self.RULES)
        status, fields, _ = self.preflight(bucket, "https://a.shop.example", "PUT", "X-Amz-Date, content-type")
        self.assertEqual(status, 204)
        self.assertEqual(fields["Access-Control-Allow-Origin"], "https://a.shop.example")
        self.assertEqual(fields["Access-Control-Allow-Headers"], "x-amz-date, content-type")
        self.assertEqual(fields["Access-Control-Max-Age"], "600")
        self.assertEqual(self.preflight(bucket, "https://a.shop.example", "DELETE")[0], 403)
        self.assertEqual(self.preflight(bucket, "https://a.shop.example", "PUT", "x-other")[0], 403)
        self.assertEqual(self.preflight(bucket, "https://evil.example", "PUT")[0], 403)
        self.assertEqual(self.preflight(bucket, "https://evil.example", "HEAD")[1]["Access-Control-Allow-Origin"], "*")
        self.assertEqual(self.ask("OPTIONS", f"/{bucket}/k", signed=False)[0], 400)

    def test_answers(self):
        bucket = self.bucket()
        self.s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=self.RULES)
        self.put(bucket, "k")
        fields = self.ask("GET", f"/{bucket}/k", headers={"Origin": "https://a.shop.example"})[1]
        self.assertEqual(fields["Access-Control-Allow-Origin"], "https://a.shop.example")
        self.assertEqual(fields["Access-Control-Expose-Headers"], "ETag")
        status, fields, _ = self.ask("GET", f"/{bucket}/k", headers={"Origin": "https://evil.example"})
        self.assertEqual((status, fields["Access-Control-Allow-Origin"]), (200, None))
        status, fields, _ = self.ask("GET", f"/{bucket}/none", headers={"Origin": "https://a.shop.example"})
        self.assertEqual((status, fields["Access-Control-Allow-Origin"]), (404, "https://a.shop.example"))

    def test_rules_that_are_refused(self):
        bucket = self.bucket()
        for rule in (
                {"AllowedOrigins": ["https://a.example/path"], "AllowedMethods": ["GET"]},
                {"AllowedOrigins": ["a.example"], "AllowedMethods": ["GET"]},
                {"AllowedOrigins": ["*"], "AllowedMethods": ["PATCH"]},
                {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "AllowedHeaders": [""]},
                {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 90_000}):
            self.refused(
                "MalformedXML", 400, self.s3.put_bucket_cors, Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
        status, _, body = self.ask(
            "PUT", f"/{bucket}?cors", b"<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>"
            b"<AllowedMethod>GET</AllowedMethod><Surprise/></CORSRule></CORSConfiguration>")
        self.assertEqual((status, b"MalformedXML" in body), (400, True))
