"""Cloudflare's official SDK against the emulator: every call of KV and Queues, and a Worker that sees the same data.

Needs the package `cloudflare` 5; version 4, which leaves slashes in keys bare, lies with the Python of
`.toolchain/clients-earlier`. `lilypad setup --clients` installs both.
"""

import base64
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import warnings

import cloudflare

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / name) for name in ("Browser", "Commands")]
from ledger import CONFIG, Session, delivered, quoted  # noqa: E402
from runtime import Edge, ask, until  # noqa: E402
from tally import ROOT  # noqa: E402

# Keys that need escaping in a path, one way or another.
ODD_KEYS = (
    "a/b c?d%é", "%2F", "%25", "a//b/", "100%", "?", "#", "a+b", "a&b=c", "e\u0301", "\u00e9", "日本/語", "..x", ":!.", " ",
    "a\\b", "\"'<>")

VERSION_4 = ROOT / ".toolchain/clients-earlier/bin/python"


@contextlib.contextmanager
def emulator(folder, *arguments):
    """A running emulator, a client for its REST interface, and its account."""
    with Edge(
            folder, "--port", 0, "--no-request-log", *arguments, program="example-edge") as edge:
        account = json.loads((folder / ".lilypad/credentials.json").read_text())
        base = services(edge) + "/client/v4"
        with cloudflare.Cloudflare(api_token=account["apiToken"], base_url=base) as client:
            yield edge, client, account["accountId"]


def services(edge):
    return edge.wait_for(r"^listening services ").split()[-1]


class Emulated(unittest.TestCase):
    """One emulator for all tests of a class; each test makes namespaces and queues of its own."""

    @classmethod
    def setUpClass(cls):
        warnings.simplefilter("ignore", DeprecationWarning)
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="lilypad-rest-"))
        cls.folder = pathlib.Path(folder)
        (cls.folder / "wrangler.toml").write_text(CONFIG)
        cls.edge, cls.client, cls.account = cls.enterClassContext(emulator(cls.folder))
        cls.kv = cls.client.kv.namespaces
        cls.queues = cls.client.queues

    def namespace(self, title=None):
        made = self.kv.create(account_id=self.account, title=title or self.id())
        self.addCleanup(self._remove, made.id)
        return made.id

    def _remove(self, identifier):
        with contextlib.suppress(cloudflare.NotFoundError):
            self.kv.delete(identifier, account_id=self.account)

    def queue(self, name, consumer=True, **settings):
        made = self.queues.create(account_id=self.account, queue_name=name)
        if consumer:
            self.queues.consumers.create(
                made.queue_id, account_id=self.account, type="http_pull", settings=settings)
        return made.queue_id

    def pull(self, queue, **options):
        return self.queues.messages.pull(queue, account_id=self.account, **options)

    def refused(self, kind, code, call, *arguments, **options):
        """That a call is refused with one of the SDK's errors, and Cloudflare's number."""
        with self.assertRaises(kind) as caught:
            call(*arguments, **options)
        self.assertEqual(caught.exception.errors[0].code, code, caught.exception.errors)
        return caught.exception


class Namespaces(Emulated):
    def test_are_made_listed_renamed_and_deleted(self):
        made = self.kv.create(account_id=self.account, title="flags")
        self.assertRegex(made.id, "^[0-9a-f]{32}$")
        self.assertEqual((made.title, made.supports_url_encoding), ("flags", True))
        self.assertEqual(self.kv.get(made.id, account_id=self.account), made)
        self.refused(cloudflare.BadRequestError, 10014, self.kv.create, account_id=self.account, title="flags")
        renamed = self.kv.update(made.id, account_id=self.account, title="switches")
        self.assertEqual((renamed.id, renamed.title), (made.id, "switches"))
        titles = [each.title for each in self.kv.list(account_id=self.account, order="title")]
        self.assertEqual(titles, ["DELIVERED", "ENTRIES", "switches"])
        self.kv.delete(made.id, account_id=self.account)
        self.refused(cloudflare.NotFoundError, 10013, self.kv.get, made.id, account_id=self.account)
        self.assertEqual(len(list(self.kv.list(account_id=self.account))), 2)

    def test_come_in_pages_up_to_an_empty_one(self):
        made = [self.namespace(f"page {number}") for number in range(7)]
        pages = list(self.kv.list(account_id=self.account, per_page=4).iter_pages())
        self.assertEqual([len(page.result) for page in pages], [4, 4, 1, 0])
        found = [each.id for page in pages for each in page.result]
        self.assertEqual(found, sorted([*made, "DELIVERED", "ENTRIES"]))
        empty = self.kv.list(account_id=self.account, page=9)
        self.assertEqual(empty.result, [])

    def test_of_a_worker_cannot_be_deleted(self):
        self.refused(cloudflare.BadRequestError, 10001, self.kv.delete, "ENTRIES", account_id=self.account)


class Values(Emulated):
    def test_keep_bytes_metadata_and_expiry(self):
        space, values = self.namespace(), self.kv.values
        content = bytes(range(256)) * 40
        until_when = int(time.time()) + 500
        values.update("plain", account_id=self.account, namespace_id=space, value=content)
        values.update(
            "rich", account_id=self.account, namespace_id=space, value=b"text", metadata={"who": "é", "n": [1, None]},
            expiration=until_when)
        self.assertEqual(values.get("plain", account_id=self.account, namespace_id=space).read(), content)
        answer = values.with_raw_response.get("rich", account_id=self.account, namespace_id=space)
        self.assertEqual(answer.headers["expiration"], str(until_when))
        self.assertEqual(answer.read(), b"text")
        metadata = self.kv.metadata
        self.assertEqual(
            metadata.get("rich", account_id=self.account, namespace_id=space), {"who": "é", "n": [1, None]})
        self.assertIsNone(metadata.get("plain", account_id=self.account, namespace_id=space))
        values.update("rich", account_id=self.account, namespace_id=space, value=b"", expiration_ttl=60)
        self.assertIsNone(metadata.get("rich", account_id=self.account, namespace_id=space))
        values.delete("rich", account_id=self.account, namespace_id=space)
        values.delete("rich", account_id=self.account, namespace_id=space)
        for call in (values.get, metadata.get):
            self.refused(cloudflare.NotFoundError, 10009, call, "rich", account_id=self.account, namespace_id=space)

    def test_are_found_under_odd_keys(self):
        space = self.namespace()
        for key in ODD_KEYS:
            self.kv.values.update(key, account_id=self.account, namespace_id=space, value=key.encode(), metadata={"key": key})
        for key in ODD_KEYS:
            with self.subTest(key):
                found = self.kv.values.get(key, account_id=self.account, namespace_id=space).read()
                self.assertEqual(found.decode(), key)
                self.assertEqual(
                    self.kv.metadata.get(key, account_id=self.account, namespace_id=space), {"key": key})
        listed = [each.name for each in self.kv.keys.list(space, account_id=self.account)]
        self.assertEqual(listed, sorted(ODD_KEYS, key=str.encode))

    def test_are_refused_beyond_the_limits(self):
        space, update = self.namespace(), self.kv.values.update
        where = {"account_id": self.account, "namespace_id": space}
        self.refused(cloudflare.BadRequestError, 10001, update, "k", value=b"v", expiration_ttl=59, **where)
        self.refused(cloudflare.BadRequestError, 10001, update, "k", value=b"v", expiration=1, **where)
        error = self.refused(cloudflare.APIStatusError, 10001, update, "k", value=b"x" * 26_214_401, **where)
        self.assertEqual(error.status_code, 413)
        self.assertIn("Value length of 26214401 exceeds limit of 26214400.", str(error))
        error = self.refused(cloudflare.APIStatusError, 10001, update, "k", value=b"v", metadata={"m": "x" * 1017}, **where)
        self.assertEqual(error.status_code, 413)
        error = self.refused(cloudflare.APIStatusError, 10001, update, "k" * 513, value=b"v", **where)
        self.assertEqual(error.status_code, 414)
        self.refused(cloudflare.NotFoundError, 10009, self.kv.values.get, "k", **where)
        where["namespace_id"] = "0" * 32
        error = self.refused(cloudflare.NotFoundError, 10013, update, "k", value=b"v", **where)
        self.assertIn("put: 'namespace not found'", str(error))

    def test_may_be_as_large_as_the_limit(self):
        space, content = self.namespace(), os.urandom(26_214_400)
        self.kv.values.update("k", account_id=self.account, namespace_id=space, value=content)
        self.assertEqual(self.kv.values.get("k", account_id=self.account, namespace_id=space).read(), content)


class Keys(Emulated):
    def test_come_in_pages_by_cursor(self):
        space = self.namespace()
        names = [f"user/{number:03}" for number in range(25)]
        self.kv.bulk_update(
            space, account_id=self.account,
            body=[{"key": name, "value": "v", "metadata": {"of": name}} for name in [*names, "other"]])
        pages = list(self.kv.keys.list(space, account_id=self.account, limit=10, prefix="user/").iter_pages())
        self.assertEqual([len(page.result) for page in pages], [10, 10, 5])
        found = [each for page in pages for each in page.result]
        self.assertEqual([each.name for each in found], names)
        self.assertEqual(found[3].metadata, {"of": "user/003"})
        self.refused(
            cloudflare.BadRequestError, 10001, self.kv.keys.list, space, account_id=self.account, limit=1001)

    def test_are_written_read_and_deleted_in_bulk(self):
        space = self.namespace()
        content = bytes(range(256))
        result = self.kv.bulk_update(
            space, account_id=self.account, body=[
                {"key": "text", "value": "ü"}, {"key": "json", "value": "{\"a\":[1]}", "metadata": {"m": 1}},
                {"key": "bytes", "value": base64.b64encode(content).decode(), "base64": True},
                {"key": "late", "value": "1", "expiration_ttl": 3600}])
        self.assertEqual((result.successful_key_count, result.unsuccessful_keys), (4, []))
        self.assertEqual(self.kv.values.get("bytes", account_id=self.account, namespace_id=space).read(), content)
        found = self.kv.bulk_get(space, account_id=self.account, keys=["json", "text", "none"])
        self.assertEqual(found.values, {"json": "{\"a\":[1]}", "text": "ü", "none": None})
        found = self.kv.bulk_get(space, account_id=self.account, keys=["json"], type="json")
        self.assertEqual(found.values, {"json": {"a": [1]}})
        found = self.kv.bulk_get(space, account_id=self.account, keys=["json", "late", "none"], with_metadata=True)
        self.assertEqual(found.values["json"].value, "{\"a\":[1]}")
        self.assertEqual(found.values["json"].metadata, {"m": 1})
        self.assertAlmostEqual(found.values["late"].expiration, time.time() + 3600, delta=60)
        self.assertIsNone(found.values["none"])
        self.refused(
            cloudflare.BadRequestError, 10001, self.kv.bulk_get, space, account_id=self.account, keys=["text"],
            type="json")
        result = self.kv.bulk_delete(space, account_id=self.account, body=["text", "json", "none"])
        self.assertEqual((result.successful_key_count, result.unsuccessful_keys), (3, []))
        self.assertEqual(
            [each.name for each in self.kv.keys.list(space, account_id=self.account)], ["bytes", "late"])
        # The names that these calls had before.
        self.kv.keys.bulk_update(space, account_id=self.account, body=[{"key": "old", "value": "way"}])
        self.assertEqual(self.kv.keys.bulk_get(space, account_id=self.account, keys=["old"]).values, {"old": "way"})
        self.kv.keys.bulk_delete(space, account_id=self.account, body=["old"])
        self.refused(
            cloudflare.NotFoundError, 10009, self.kv.values.get, "old", account_id=self.account, namespace_id=space)

    def test_are_checked_before_anything_of_a_bulk_is_written(self):
        space = self.namespace()
        error = self.refused(
            cloudflare.BadRequestError, 10001, self.kv.bulk_update, space, account_id=self.account,
            body=[{"key": "good", "value": "v"}, {"key": "bad", "value": "v", "expiration_ttl": 1}])
        self.assertIn("Item 1: Invalid expiration_ttl of 1.", str(error))
        self.assertEqual(list(self.kv.keys.list(space, account_id=self.account)), [])

    def test_of_ten_thousand_are_taken_at_once(self):
        space = self.namespace()
        body = [{"key": f"{number:05}", "value": "v"} for number in range(10_000)]
        self.assertEqual(
            self.kv.bulk_update(space, account_id=self.account, body=body).successful_key_count, 10_000)
        self.assertEqual(sum(1 for _ in self.kv.keys.list(space, account_id=self.account)), 10_000)
        self.refused(
            cloudflare.BadRequestError, 10001, self.kv.bulk_update, space, account_id=self.account,
            body=[*body, {"key": "more", "value": "v"}])


class Queues(Emulated):
    def test_are_made_changed_and_deleted(self):
        made = self.queues.create(account_id=self.account, queue_name="made")
        self.assertRegex(made.queue_id, "^[0-9a-f]{32}$")
        self.assertEqual(made.settings.message_retention_period, 345_600)
        self.refused(
            cloudflare.BadRequestError, 11009, self.queues.create, account_id=self.account, queue_name="made")
        for name in ("-a", "A", "a_b", "", "a" * 64):
            self.refused(
                cloudflare.BadRequestError, 11003, self.queues.create, account_id=self.account, queue_name=name)
        changed = self.queues.edit(
            made.queue_id, account_id=self.account, settings={"delivery_delay": 5, "delivery_paused": True})
        self.assertEqual((changed.settings.delivery_delay, changed.settings.delivery_paused), (5, True))
        changed = self.queues.update(made.queue_id, account_id=self.account, queue_name="renamed")
        self.assertEqual(
            (changed.queue_id, changed.queue_name, changed.settings.delivery_delay), (made.queue_id, "renamed", 0))
        self.assertEqual(self.queues.get(made.queue_id, account_id=self.account), changed)
        names = [each.queue_name for each in self.queues.list(account_id=self.account)]
        self.assertIn("messages", names)
        self.assertIn("renamed", names)
        self.refused(
            cloudflare.BadRequestError, 10207, self.queues.edit, made.queue_id, account_id=self.account,
            settings={"message_retention_period": 59})
        self.queues.delete(made.queue_id, account_id=self.account)
        self.refused(cloudflare.NotFoundError, 11000, self.queues.get, made.queue_id, account_id=self.account)
        self.refused(cloudflare.BadRequestError, 10107, self.queues.get, "made", account_id=self.account)
        self.refused(cloudflare.NotFoundError, 10104, self.pull, made.queue_id)

    def test_of_the_configuration_show_who_uses_them(self):
        found = next(
            each for each in self.queues.list(account_id=self.account) if each.queue_name == "messages")
        self.assertEqual([each.script for each in found.producers], ["ledger"])
        self.assertEqual(found.consumers[0].script_name, "ledger")
        self.assertEqual(found.consumers[0].settings.max_retries, 100)
        self.assertEqual(found.consumers[0].settings.max_wait_time_ms, 0)
        self.refused(
            cloudflare.BadRequestError, 11004, self.queues.consumers.create, found.queue_id, account_id=self.account,
            type="http_pull")
        self.refused(
            cloudflare.BadRequestError, 10207, self.queues.delete, found.queue_id, account_id=self.account)

    def test_have_one_consumer(self):
        queue, consumers = self.queue("consumed", consumer=False), self.queues.consumers
        self.refused(cloudflare.BadRequestError, 10201, self.pull, queue)
        made = consumers.create(
            queue, account_id=self.account, type="http_pull", dead_letter_queue="graves",
            settings={"batch_size": 7, "visibility_timeout_ms": 1000})
        self.assertEqual((made.settings.batch_size, made.dead_letter_queue, made.queue_name), (7, "graves", "consumed"))
        self.assertEqual(consumers.get(made.consumer_id, account_id=self.account, queue_id=queue), made)
        self.assertEqual(list(consumers.list(queue, account_id=self.account)), [made])
        changed = consumers.update(
            made.consumer_id, account_id=self.account, queue_id=queue, type="http_pull", settings={"max_retries": 9})
        self.assertEqual((changed.consumer_id, changed.settings.max_retries), (made.consumer_id, 9))
        consumers.delete(made.consumer_id, account_id=self.account, queue_id=queue)
        self.assertEqual(list(consumers.list(queue, account_id=self.account)), [])
        self.refused(
            cloudflare.BadRequestError, 11001, consumers.create, queue, account_id=self.account, type="worker",
            script_name="nobody")
        self.refused(
            cloudflare.BadRequestError, 10207, consumers.create, queue, account_id=self.account, type="http_pull",
            dead_letter_queue="consumed")


class Messages(Emulated):
    def test_are_pushed_pulled_acknowledged_and_retried(self):
        queue, messages = self.queue("pulled"), self.queues.messages
        messages.push(queue, account_id=self.account, body="plain ü", content_type="text")
        result = messages.push(queue, account_id=self.account, body={"n": 1}, content_type="json")
        self.assertEqual(result.metadata.metrics.backlog_count, 1)
        pulled = self.pull(queue, batch_size=10, visibility_timeout_ms=600_000)
        self.assertEqual(pulled.message_backlog_count, 2)
        first, second = pulled.messages
        self.assertEqual((first.body, first.attempts, first.metadata["CF-Content-Type"]), ("plain ü", 1, "text"))
        self.assertEqual(json.loads(base64.b64decode(second.body)), {"n": 1})
        self.assertAlmostEqual(second.timestamp_ms / 1000, time.time(), delta=60)
        self.assertEqual(self.pull(queue).messages, [])
        settled = messages.ack(
            queue, account_id=self.account, acks=[{"lease_id": first.lease_id}, {"lease_id": "unknown"}],
            retries=[{"lease_id": second.lease_id}])
        self.assertEqual((settled.ack_count, settled.retry_count, list(settled.warnings)), (1, 1, ["unknown"]))
        again = self.pull(queue).messages
        self.assertEqual([(each.id, each.attempts) for each in again], [(second.id, 2)])
        self.assertNotEqual(again[0].lease_id, second.lease_id)

    def test_are_pushed_in_batches_and_stay_hidden_for_their_delay(self):
        queue, messages = self.queue("batches"), self.queues.messages
        messages.bulk_push(queue, account_id=self.account, delay_seconds=3600, messages=[
            {"body": "now", "content_type": "text", "delay_seconds": 0}, {"body": [1], "content_type": "json"}])
        self.assertEqual([each.body for each in self.pull(queue).messages], ["now"])
        metrics = self.queues.get_metrics(queue, account_id=self.account)
        self.assertEqual((metrics.backlog_count, metrics.backlog_bytes), (2, 6))
        self.assertGreater(metrics.oldest_message_timestamp_ms, 0)
        many = [{"body": "x", "content_type": "text"}] * 101
        self.refused(
            cloudflare.BadRequestError, 10206, messages.bulk_push, queue, account_id=self.account, messages=many)
        self.refused(
            cloudflare.BadRequestError, 10204, messages.push, queue, account_id=self.account, content_type="text",
            body="x" * 128_001)
        self.refused(
            cloudflare.BadRequestError, 10202, messages.push, queue, account_id=self.account, content_type="text",
            body="x", delay_seconds=86_401)

    def test_are_looked_at_and_purged(self):
        queue, messages = self.queue("purged"), self.queues.messages
        for body in ("a", "b", "c"):
            messages.push(queue, account_id=self.account, body=body, content_type="text")
        seen = messages.peek(queue, account_id=self.account, batch_size=2).messages
        self.assertEqual([each.body for each in seen], ["a", "b"])
        result = messages.purge(
            queue, account_id=self.account, refs=[{"ref": seen[0].ref}, {"ref": "gone"}])
        self.assertEqual(list(result.warnings), ["gone"])
        self.assertEqual([each.body for each in self.pull(queue).messages], ["b", "c"])
        self.refused(
            cloudflare.BadRequestError, 10207, self.queues.purge.start, queue, account_id=self.account)
        self.queues.purge.start(queue, account_id=self.account, delete_messages_permanently=True)
        self.assertIsNotNone(self.queues.purge.status(queue, account_id=self.account).started_at)
        self.assertEqual(self.queues.get_metrics(queue, account_id=self.account).backlog_count, 0)

    def test_go_to_the_dead_letter_queue(self):
        queue, messages = self.queue("failing", consumer=False), self.queues.messages
        grave = self.queue("grave")
        self.queues.consumers.create(
            queue, account_id=self.account, type="http_pull", dead_letter_queue="grave", settings={"max_retries": 0})
        messages.push(queue, account_id=self.account, body="bad", content_type="text")
        lease = self.pull(queue).messages[0].lease_id
        messages.ack(queue, account_id=self.account, retries=[{"lease_id": lease}])
        self.assertEqual([(each.body, each.attempts) for each in self.pull(grave).messages], [("bad", 1)])


class Buckets(Emulated):
    def test_are_made_listed_and_deleted(self):
        buckets = self.client.r2.buckets
        made = buckets.create(account_id=self.account, name="photos", storage_class="InfrequentAccess")
        self.assertEqual((made.name, made.storage_class), ("photos", "InfrequentAccess"))
        self.assertEqual(buckets.get("photos", account_id=self.account), made)
        self.assertIn("photos", [each.name for each in buckets.list(account_id=self.account).buckets])
        self.refused(cloudflare.BadRequestError, 10004, buckets.create, account_id=self.account, name="photos")
        buckets.delete("photos", account_id=self.account)
        self.refused(cloudflare.NotFoundError, 10006, buckets.get, "photos", account_id=self.account)


class Access(Emulated):
    def test_needs_the_token_and_the_account(self):
        base = services(self.edge) + "/client/v4"
        with cloudflare.Cloudflare(api_token="wrong", base_url=base) as other:
            self.refused(cloudflare.PermissionDeniedError, 10000, other.queues.list, account_id=self.account)
        self.refused(cloudflare.PermissionDeniedError, 10000, self.queues.list, account_id="0" * 32)
        status, _, body = ask(f"{base}/accounts/{self.account}/queues")
        self.assertEqual((status, json.loads(body)["errors"][0]["code"]), (400, 9106))
        with cloudflare.Cloudflare(
                api_key=self.client.api_token, api_email="ada@lily.test", base_url=base) as other:
            self.assertTrue(other.queues.list(account_id=self.account).result)

    def test_says_what_is_not_there(self):
        self.refused(cloudflare.NotFoundError, 7003, self.client.zones.list)

    def test_purges_the_cache(self):
        result = self.client.cache.purge(zone_id="0" * 32, files=["http://lily.test/"])
        self.assertEqual(result.id, "0" * 32)
        self.client.cache.purge(zone_id="0" * 32, purge_everything=True)


class Workers(Emulated):
    """What REST writes a Worker reads, and the other way round."""

    def test_see_the_same_entries(self):
        with Session(self.edge.url) as session:
            for key in ODD_KEYS:
                self.kv.values.update(
                    key, account_id=self.account, namespace_id="ENTRIES", value=key.encode(), metadata={"of": key})
                headers, content = session.expect(200, "GET", "/kv/" + quoted(key))
                metadata = json.loads(headers["X-Metadata"].encode("latin-1"))
                self.assertEqual((content.decode(), metadata), (key, {"of": key}))
            session.expect(204, "PUT", "/kv/mine", b"worker", metadata='{"n":1}')
            found = self.kv.values.get("mine", account_id=self.account, namespace_id="ENTRIES")
            self.assertEqual(found.read(), b"worker")
            self.assertEqual(
                self.kv.metadata.get("mine", account_id=self.account, namespace_id="ENTRIES"), {"n": 1})
            self.kv.bulk_delete("ENTRIES", account_id=self.account, body=["mine"])
            session.expect(404, "GET", "/kv/mine")

    def test_get_the_messages(self):
        queue = next(
            each.queue_id for each in self.queues.list(account_id=self.account) if each.queue_name == "messages")
        self.queues.messages.push(
            queue, account_id=self.account, body={"id": "one", "text": "from outside"}, content_type="json")
        with Session(self.edge.url) as session:
            until("the message", lambda: delivered(session, ["one"]) == {"one": "from outside"})

    def test_can_be_made_the_consumer_of_a_queue(self):
        queue = self.queue("late", consumer=False)
        self.queues.messages.push(
            queue, account_id=self.account, body={"id": "late", "text": "came"}, content_type="json")
        self.queues.consumers.create(
            queue, account_id=self.account, type="worker", script_name="ledger", settings={"max_wait_time_ms": 0})
        with Session(self.edge.url) as session:
            until("the message", lambda: delivered(session, ["late"]) == {"late": "came"})


class Restarts(unittest.TestCase):
    def test_lose_nothing(self):
        with tempfile.TemporaryDirectory(prefix="lilypad-rest-") as name:
            folder = pathlib.Path(name)
            (folder / "wrangler.toml").write_text(CONFIG)
            with emulator(folder) as (edge, client, account):
                space = client.kv.namespaces.create(account_id=account, title="kept")
                client.kv.namespaces.values.update("k", account_id=account, namespace_id=space.id, value=b"v")
                queue = client.queues.create(account_id=account, queue_name="kept")
                client.queues.edit(queue.queue_id, account_id=account, settings={"message_retention_period": 100})
                consumer = client.queues.consumers.create(queue.queue_id, account_id=account, type="http_pull")
                client.queues.messages.push(
                    queue.queue_id, account_id=account, body="waits", content_type="text")
                before = client.queues.get(queue.queue_id, account_id=account)
                # Also without a clean end.
                edge.kill()
            with emulator(folder) as (edge, client, account):
                self.assertEqual(client.kv.namespaces.get(space.id, account_id=account), space)
                found = client.kv.namespaces.values.get("k", account_id=account, namespace_id=space.id)
                self.assertEqual(found.read(), b"v")
                after = client.queues.get(queue.queue_id, account_id=account)
                self.assertEqual(after, before)
                self.assertEqual(after.settings.message_retention_period, 100)
                self.assertEqual(after.consumers[0].consumer_id, consumer.consumer_id)
                pulled = client.queues.messages.pull(queue.queue_id, account_id=account)
                self.assertEqual([each.body for each in pulled.messages], ["waits"])
                self.assertEqual(edge.stop(), 0)


class Limits(unittest.TestCase):
    def test_are_told_and_enforced_when_asked_for(self):
        with tempfile.TemporaryDirectory(prefix="lilypad-rest-") as name:
            folder = pathlib.Path(name)
            (folder / "wrangler.toml").write_text(CONFIG)
            with emulator(folder, "--enforce-limits") as (_, client, account):
                client = client.with_options(max_retries=0)
                answer = client.queues.with_raw_response.list(account_id=account)
                self.assertRegex(answer.headers["ratelimit"], r'^"default";r=1199;t=(299|300)$')
                self.assertEqual(answer.headers["ratelimit-policy"], '"default";q=1200;w=300')
                for _ in range(1199):
                    client.queues.list(account_id=account)
                with self.assertRaises(cloudflare.RateLimitError) as caught:
                    client.queues.list(account_id=account)
                self.assertTrue(0 < int(caught.exception.response.headers["retry-after"]) <= 300)


VERSION_4_SCRIPT = """
import json, sys, cloudflare
base, token, account, space = sys.argv[1:]
assert cloudflare.__version__.startswith("4."), cloudflare.__version__
client = cloudflare.Cloudflare(api_token=token, base_url=base)
values, metadata = client.kv.namespaces.values, client.kv.namespaces.metadata
where = {"account_id": account, "namespace_id": space}
for key in ("a/b/c", "a//b/", "a/b é", "x%2Fy"):
    values.update(key, value="of " + key, metadata=json.dumps({"key": key}), **where)
    assert values.get(key, **where).read().decode() == "of " + key, key
    assert metadata.get(key, **where) == {"key": key}, metadata.get(key, **where)
print(json.dumps([each.name for each in client.kv.namespaces.keys.list(space, account_id=account)]))
values.delete("a/b/c", **where)
try:
    values.get("a/b/c", **where)
    raise SystemExit("it is still there")
except cloudflare.NotFoundError:
    pass
"""


class Version4(Emulated):
    def test_leaves_slashes_bare(self):
        space = self.namespace()
        result = subprocess.run(
            [VERSION_4, "-c", VERSION_4_SCRIPT, services(self.edge) + "/client/v4", self.client.api_token, self.account,
             space], capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        # It passes an escape on as it is, so that one key means another.
        self.assertEqual(json.loads(result.stdout), ["a//b/", "a/b é", "a/b/c", "x/y"])


if __name__ == "__main__":
    unittest.main(verbosity=1)
