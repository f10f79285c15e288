"""Room: web. Workers, slots, the queue, and what to fix."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from experiments import permissions, queues
from experiments.reports.site import workers as report


def listing(request: HttpRequest) -> HttpResponse:
    visible = permissions.visible_experiments(request.user)
    lines = report.worker_lines(visible)
    queue = report.queue_lines(visible)
    redis_answers = queues.is_reachable()
    context = {
        "lines": lines,
        "queue": queue,
        "slots": report.slots(),
        "version": settings.VERSION,
        "redis_answers": redis_answers,
        "turns": _length(queues.TRIALS),
        "short": _length(queues.SHORT),
        "hints": list(report.hints(lines, redis_answers=redis_answers, queue=len(queue))),
    }
    return render(request, "workers/list.html", context)


def _length(name: str) -> int | None:
    """Jobs that wait; None when Redis is away."""
    try:
        return queues.queue_length(name)
    except queues.QueueUnreachable:
        return None
