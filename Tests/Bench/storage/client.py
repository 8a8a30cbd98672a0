"""boto3 against one endpoint: run by the benchmark with the Python that has it, prints operations per second as JSON.

    client.py URL ACCESS SECRET put|get SIZE COUNT
"""

import concurrent.futures
import json
import sys
import time

import boto3
import botocore.config

BUCKET = "bench"
THREADS = 8


def main():
    url, access, secret, what, size, count = sys.argv[1:]
    size, count = int(size), int(count)
    config = botocore.config.Config(
        max_pool_connections=THREADS, s3={"addressing_style": "path"}, retries={"max_attempts": 0})
    s3 = boto3.client(
        "s3", endpoint_url=url, aws_access_key_id=access, aws_secret_access_key=secret, region_name="us-east-1",
        config=config)
    content = b"x" * size

    def put(number):
        s3.put_object(Bucket=BUCKET, Key=f"{size}/{number % 100}", Body=content)

    def get(number):
        body = s3.get_object(Bucket=BUCKET, Key=f"{size}/{number % 100}")["Body"]
        read = sum(map(len, iter(lambda: body.read(1 << 20), b"")))
        assert read == size, read

    work = put if what == "put" else get
    work(0)
    begin = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(work, range(count)):
            pass
    print(json.dumps({"rate": count / (time.perf_counter() - begin)}))


if __name__ == "__main__":
    main()
