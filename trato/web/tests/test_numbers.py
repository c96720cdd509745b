"""Settings, Numbers: patterns and what comes next, for administrators only."""

from trato.engine import numbers


def test_an_administrator_sets_how_numbers_are_written(cast, signed_in):
    numbers.series("toy-papers", "Papers", "P-{year}-{0000}")
    try:
        client, base = signed_in(cast.owner), f"/w/{cast.acme.slug}/settings/numbers"
        assert "P-{year}-{0000}" in client.get(base).content.decode()
        page = client.get(f"{base}/toy-papers").content.decode()
        assert 'value="1"' in page
        refused = client.post(f"{base}/toy-papers", {"pattern": "P{month}{0}", "next": "1"})
        assert refused.status_code == 422
        assert "next year" in refused.content.decode()
        assert client.post(f"{base}/toy-papers", {"pattern": "P{0000}", "next": "42"}).status_code == 303
        assert "P0042" in client.get(base).content.decode()
        assert client.get(f"{base}/nothing").status_code == 404
        assert signed_in(cast.manager).get(base).status_code == 403
    finally:
        numbers._series.pop("toy-papers")
