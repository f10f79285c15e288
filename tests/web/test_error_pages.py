"""Pages that tell people what went wrong, in the product's own look."""

from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from tests.examples import make_experiment


def test_an_unknown_address_is_told_in_the_shell(client, viewer):
    client.force_login(viewer)
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    html = answer.content.decode()
    assert "Page not found" in html and "rail-link" in html


def test_a_missing_right_is_told_with_the_role_it_needs(client, viewer, project):
    experiment = make_experiment(project, trials=1)
    client.force_login(viewer)
    answer = client.get(reverse("experiments:edit", args=[experiment.code]))
    assert answer.status_code == 403
    assert "This needs the role editor; your role is viewer." in answer.content.decode()


def test_a_forged_form_is_refused_in_plain_words(viewer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(viewer)
    answer = client.post("/sign-out/")
    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()


def test_the_page_of_a_server_error_needs_neither_database_nor_person():
    assert "Server error" in render_to_string("500.html")
