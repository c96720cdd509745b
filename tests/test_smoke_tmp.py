import pytest, time
@pytest.mark.django_db
def test_demo():
    from trato.modules.people.demo import seed
    t=time.time(); ws, user = seed("pw"); print("seed", time.time()-t)
    from trato.engine import access, objects, search, timeline, filters, paging, history, undo, actions
    from trato.engine.postgres.scope import in_workspace
    from trato.engine.workspaces.actors import actor_for_user
    with in_workspace(ws.id):
        a = actor_for_user(user, ws)
        for o in objects.all_objects(): print(o.plural, access.visible(a,o).count())
        print([ (h.object.plural,h.title,h.subtitle) for h in search.find(a,"mir")][:5])
        print([ (h.object.plural,h.title,h.subtitle) for h in search.find(a,"7946 0")][:5])
        acc = access.visible(a, objects.get("accounts")).first()
        entries, nxt = timeline.page(a, objects.get("accounts"), acc.id, limit=5)
        print(acc.title, [(e.at, e.object) for e in entries], nxt)
        o=objects.get("contacts"); f=access.fields(a,o)
        order=paging.order_of(f,o,"account")
        p=paging.page(access.visible(a,o), order, ["title"], 5)
        print(p)
        p2=paging.page(access.visible(a,o), order, ["title"], 5, p.next)
        p3=paging.page(access.visible(a,o), order, ["title"], 5, p2.previous)
        assert [r["id"] for r in p3.rows]==[r["id"] for r in p.rows]
        q=filters.narrow(a,o,access.visible(a,o),{"and":[{"field":"account.industry","op":"is","value":"Café"},{"related":"calls.about","count":True,"op":"gte","value":1}]})
        print(q.count())
