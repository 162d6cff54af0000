"""`check`: audits, versions, keys, schema."""

from __future__ import annotations

import shutil

import typer

from dashboard.cli import console
from dashboard.settings import load

DISK_WARNING_SHARE = 0.8


def check(as_json: console.AsJson = False) -> None:
    """Hold the store against its rules; exit 1 when anything is wrong. 检查数据与密钥。"""
    with console.refusals(), console.opened_store() as store:
        findings = store.check()
        disk = shutil.disk_usage(load().home)
        full = disk.used / disk.total
        facts = {"revision": store.revision, "migrations": store.migrations[-1], "disk_used": round(full, 3)}
        if as_json:
            console.emit({"ok": not findings, **facts, "findings": [found._asdict() for found in findings]})
        else:
            for found in findings:
                console.say("cli.check.finding", check=found.check, n=found.rows, first=found.first)
            if full > DISK_WARNING_SHARE:
                console.say("cli.check.disk", share=f"{full:.0%}")
            console.say("cli.check.failed" if findings else "cli.check.ok", n=len(findings), revision=store.revision)
        if findings:
            raise typer.Exit(console.REFUSED)
