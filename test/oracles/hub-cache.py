"""The cache that huggingface_hub makes of the model that hub-cache.ts serves: each file with what it holds or links to.

Run from the root of the checkout: python test/oracles/hub-cache.py. It also checks, with `--check CACHE`, that
huggingface_hub finds the same model in a cache that Refract has filled.
"""
import json
import os
import subprocess
import sys
import tempfile

NAME = "test-org/golden"


def layout(folder):
    entries = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            shown = os.path.relpath(path, folder)
            if os.path.islink(path):
                entries[shown] = {"link": os.readlink(path)}
            else:
                entries[shown] = {"text": open(path, encoding="utf-8").read()}
    return dict(sorted(entries.items()))


if sys.argv[1:2] == ["--check"]:
    from huggingface_hub import scan_cache_dir, snapshot_download

    folder = snapshot_download(NAME, cache_dir=sys.argv[2], local_files_only=True)
    report = scan_cache_dir(sys.argv[2])
    (repo,) = report.repos
    (revision,) = repo.revisions
    print(repo.repo_id, revision.commit_hash == os.path.basename(folder), sorted(revision.refs), len(revision.files),
          report.warnings)
    sys.exit()

server = subprocess.Popen(["node", "--import", "tsx", "test/oracles/hub-cache.ts"], stdout=subprocess.PIPE, text=True)
try:
    os.environ["HF_ENDPOINT"] = server.stdout.readline().strip()
    from huggingface_hub import __version__, snapshot_download

    with tempfile.TemporaryDirectory() as cache:
        folder = snapshot_download(NAME, cache_dir=cache, max_workers=1)
        entries = layout(os.path.join(cache, "models--test-org--golden"))
        golden = {"huggingface_hub": __version__, "commit": os.path.basename(folder), "entries": entries}
    os.makedirs("test/fixtures/hub-cache", exist_ok=True)
    with open("test/fixtures/hub-cache/golden.json", "w", encoding="utf-8") as file:
        json.dump(golden, file, indent=1, ensure_ascii=False)
        file.write("\n")
finally:
    server.terminate()
