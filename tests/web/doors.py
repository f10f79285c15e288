"""Every address of the product: who may open it, how it is asked, and what it answers."""

from dataclasses import dataclass, field
from typing import Any

from experiments.reports.analysis.charts import CHARTS

DONE = frozenset({200, 302, 409, 422})


@dataclass(frozen=True)
class Door:
    """Who may: `everybody`, `signed_in`, or a role. `ok`: what those who may are answered."""

    least: str
    method: str = "get"
    ok: frozenset[int] = frozenset({200})
    takes: tuple[str, ...] = ()
    body: dict[str, Any] = field(default_factory=dict)


def page(least: str, *takes: str, **more: Any) -> Door:
    return Door(least, takes=takes, **more)


def act(least: str, *takes: str, **more: Any) -> Door:
    return Door(least, method="post", takes=takes, **{"ok": DONE, **more})


def token(method: str, *takes: str) -> Door:
    """An address of the API: without an access token it answers 401 to everybody."""
    return Door("token", method=method, takes=takes, ok=frozenset({401}))


EXPERIMENT = ("code",)
REPORT = ("report",)
TRIAL = ("code", "number")
DATASET = ("slug", "dataset")
CHECK = ("slug", "check")
CODE = ("slug", "model")
VERSION = ("slug", "dataset", "version")
DOORS: dict[str, Door] = {
    **{f"chart_data:{name}": page("viewer", *EXPERIMENT) for name in CHARTS if CHARTS[name].data},
    "chart_data:front": page("viewer", *EXPERIMENT, ok=frozenset({200, 404})),
    "healthz": page("everybody"),
    "readyz": page("everybody", ok=frozenset({200, 503})),
    "favicon": page("everybody", ok=frozenset({302})),
    "sign-in": page("everybody", ok=frozenset({200, 302})),
    "sign-out": act("everybody"),
    "client": page("everybody"),
    "api:plan-schema": page("everybody"),
    "api:external-plan-schema": page("everybody"),
    "api:whoami": token("get"),
    "api:experiments": token("post"),
    "api:experiment": token("get", *EXPERIMENT),
    "api:ask": token("post", *EXPERIMENT),
    "api:runs": token("post", *EXPERIMENT),
    "api:report": token("post", "trial"),
    "api:tell": token("post", "trial"),
    "api:learn": token("post", "trial"),
    "home": page("signed_in"),
    "search": page("signed_in"),
    "quick-search": page("signed_in"),
    "workers:list": page("signed_in"),
    "projects:list": page("signed_in"),
    "projects:new": page("signed_in"),
    "projects:detail": page("viewer", "slug"),
    "projects:edit": page("owner", "slug"),
    "projects:archive": act("owner", "slug"),
    "projects:restore": act("owner", "slug"),
    "projects:members": page("viewer", "slug"),
    "projects:tokens": page("editor", "slug"),
    "projects:token-revoke": act("editor", "slug", "access"),
    "projects:leave": act("viewer", "slug"),
    "projects:member": act("owner", "slug", "membership", body={"role": "viewer"}),
    "projects:member-remove": act("owner", "slug", "membership"),
    "history:list": page("viewer", "slug"),
    "compare:detail": page("viewer", "slug"),
    "compare:download": page("viewer", "slug"),
    "compare:experiments": page("viewer", "slug"),
    "compare:scores": page("viewer", "slug"),
    "chart_data:live": page("viewer", *EXPERIMENT, ok=frozenset({200, 204})),
    "chart_data:follow": page("viewer", *EXPERIMENT, ok=frozenset({204})),
    "chart_data:history": page("viewer", *EXPERIMENT),
    "chart_data:curves": page("viewer", *EXPERIMENT, ok=frozenset({200, 400})),
    "chart_data:sparks": page("viewer", *EXPERIMENT, ok=frozenset({200, 400})),
    "chart_data:metrics": page("viewer", *EXPERIMENT),
    "chart_data:rungs": page("viewer", *EXPERIMENT),
    "chart_data:elsewhere": page("viewer", *EXPERIMENT),
    "trials:detail": page("viewer", *TRIAL),
    "experiments:winner": page("viewer", *EXPERIMENT),
    "experiments:confirm": act("editor", *EXPERIMENT, body={"trials": "0"}),
    "experiments:reveal": act("owner", *EXPERIMENT, body={"reason": "The paper is due."}),
    "trials:refit": act("editor", *TRIAL),
    "trials:again": act("editor", *TRIAL),
    "trials:stop": act("editor", *TRIAL),
    "trials:release": act("editor", *TRIAL),
    "trials:requeue": act("editor", *TRIAL),
    "trials:usage": page("viewer", *TRIAL),
    "trials:prediction-plots": page("viewer", *TRIAL),
    "trials:predictions": page("viewer", *TRIAL, ok=frozenset({200, 404})),
    "trials:download": page("viewer", *TRIAL, ok=frozenset({200, 202, 404, 409})),
    "trials:bundle-state": page("viewer", *TRIAL, ok=frozenset({200, 404, 409})),
    "trials:retry-bundle": act("viewer", *TRIAL, ok=DONE | {404}),
    "trials:check-bundle": act("viewer", *TRIAL, ok=DONE | {404}),
    "datasets:list": page("viewer", "slug"),
    "datasets:new": page("editor", "slug"),
    "datasets:built-in": act("editor", "slug", "key"),
    "datasets:detail": page("viewer", *DATASET),
    "datasets:edit": page("editor", *DATASET),
    "datasets:archive": act("editor", *DATASET),
    "datasets:restore": act("editor", *DATASET),
    "datasets:new-version": page("editor", *DATASET),
    "datasets:version": page("viewer", *VERSION),
    "datasets:target": page("editor", *VERSION, ok=frozenset({200, 302, 409})),
    "datasets:state": page("viewer", *VERSION),
    "datasets:picture": page("viewer", *VERSION, "index", ok=frozenset({200, 404})),
    "datasets:again": act("editor", *VERSION),
    "datasets:discard": act("editor", *VERSION),
    "code:list": page("viewer", "slug"),
    "code:new": page("editor", "slug", ok=frozenset({403})),  # the right is no role's
    "code:detail": page("viewer", *CODE),
    "code:edit": page("editor", *CODE, ok=frozenset({403})),
    "code:again": act("editor", *CODE),
    "code:check": act("editor", *CODE),
    "code:fetch": page("editor", "slug", ok=frozenset({403})),
    "code:fetched": page("editor", "slug", "fetch", ok=frozenset({403})),
    "code:keep": act("editor", "slug", "fetch", ok=frozenset({403})),
    "models:list": page("viewer", "slug"),
    "reports:list": page("viewer", "slug"),
    "reports:make": act("editor", *EXPERIMENT),
    "reports:detail": page("viewer", *REPORT),
    "reports:edit": page("editor", *REPORT),
    "reports:data": page("viewer", *REPORT, "snapshot", "part"),
    "reports:delete": act("editor", *REPORT),
    "reports:restore": act("editor", *REPORT),
    "experiments:detail": page("viewer", *EXPERIMENT),
    "experiments:trials": page("viewer", *EXPERIMENT),
    "experiments:act": act("editor", *EXPERIMENT, body={"act": "requeue", "numbers": "0,1,2"}),
    "experiments:save-view": act("editor", *EXPERIMENT, body={"name": "x", "query": "sort=units"}),
    "experiments:rename-view": act("editor", *EXPERIMENT, "view", body={"name": "y"}),
    "experiments:delete-view": act("editor", *EXPERIMENT, "view"),
    "experiments:restore-view": act("editor", *EXPERIMENT, "view", ok=DONE | {404}),
    "experiments:download": page("viewer", *EXPERIMENT, "kind"),
    "experiments:export": page("viewer", *EXPERIMENT),
    "experiments:export-download": page("viewer", *EXPERIMENT, "kind", ok=frozenset({200, 404})),
    "experiments:analysis": page("viewer", *EXPERIMENT),
    "experiments:connect": page("viewer", *EXPERIMENT, ok=frozenset({200, 302})),
    "experiments:protocol": page("viewer", *EXPERIMENT),
    "experiments:log": page("viewer", *EXPERIMENT),
    "experiments:script": page("viewer", *EXPERIMENT),
    "experiments:script-again": act("editor", *EXPERIMENT),
    "experiments:files": page("viewer", *EXPERIMENT),
    "experiments:clean-up": act("editor", *EXPERIMENT),
    "experiments:delete-files": act("owner", *EXPERIMENT),
    "chart_data:findings": page("viewer", *EXPERIMENT),
    "experiments:findings": page("viewer", *EXPERIMENT),
    "experiments:finding-act": page("editor", *EXPERIMENT, "finding", ok=frozenset({200, 302})),
    "experiments:finding-dismiss": act("editor", *EXPERIMENT, "finding"),
    "experiments:finding-restore": act("editor", *EXPERIMENT, "finding"),
    "experiments:edit": page("editor", *EXPERIMENT),
    "experiments:queue": page("editor", *EXPERIMENT),
    "experiments:withdraw": act("editor", *EXPERIMENT, "queued"),
    "experiments:start": act("editor", *EXPERIMENT),
    "experiments:pause": act("editor", *EXPERIMENT),
    "experiments:resume": act("editor", *EXPERIMENT),
    "experiments:stop": act("editor", *EXPERIMENT),
    "experiments:archive": act("editor", *EXPERIMENT),
    "experiments:restore": act("editor", *EXPERIMENT),
    "experiments:set-aside": act("editor", *EXPERIMENT, body={"trials": "0", "reason": "x"}),
    "experiments:shrink": page("editor", *EXPERIMENT, ok=frozenset({200, 302})),
    "experiments:clone": page("editor", *EXPERIMENT),
    "experiments:list": page("viewer", "slug"),
    "experiments:new": page("editor", "slug"),
    "experiments:new-elsewhere": page("editor", "slug"),
    "experiments:release-trial": act("editor", "outside", "number"),
    "experiments:choose-objective": act("editor", "outside", body={"direction": "maximize"}),
    "experiments:import": page("editor", "slug"),
    "experiments:json": page("editor", "slug"),
    "experiments:preview": act("editor", "slug"),
    "experiments:check": page("editor", *CHECK),
    "experiments:check-state": page("editor", *CHECK),
    "experiments:check-start": act("editor", *CHECK),
    "experiments:check-form": act("editor", *CHECK),
    "experiments:draft": act("editor", "slug", body={"name": "x", "revision": "0"}),
}
