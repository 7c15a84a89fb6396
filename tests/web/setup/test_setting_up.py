"""The first hour: company, trade, teams, people, ready; told by what is there, so resumable."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import Cast
from tests.kernel.packs.emptying import empty
from tests.web.conftest import Browse
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.people.actions import create_member, sign_in
from wubu.kernel.permissions.queries import roles_of
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import forget, unit_of_work

LIST = (
    "姓名\t手机\t团队\t角色\t上级\n"
    "何小雨\t13900000001\t西北组\t销售经理\t\n"
    "钱多多\t13900000002\t西北组\t销售\t何小雨\n"
)


@pytest.mark.django_db(transaction=True)
def test_it_works(client: Client) -> None:
    empty()
    with unit_of_work():
        boss = create_member(
            actor=SYSTEM, login="boss", name="王立", password="a-good-password", is_owner=True
        )
    assert client.post("/login", {"login": "boss", "password": "a-good-password"}).url == "/"
    assert client.get("/").url == "/setup/start"
    assert client.get("/setup/start").url == "/setup/start/company"
    wrong = client.post("/setup/start/company", {"name": "", "fiscal": "4", "language": "zh"})
    assert wrong.status_code == 422
    sent = {"name": "明华传感", "fiscal": "4", "language": "zh"}
    assert client.post("/setup/start/company", sent).url == "/setup/start/pack"
    assert client.get("/setup/start").url == "/setup/start/pack"
    said = client.get("/setup/start/pack").content.decode()
    assert "提单" in said
    assert client.post("/setup/start/pack", {"pack": "nothing"}).status_code == 422
    assert client.post("/setup/start/pack", {"pack": "pharma"}).url == "/setup/start/teams"
    with unit_of_work():
        assert "outflow" in snapshot().objects
        assert roles_of([boss.id]) == {boss.id: ("boss",)}
    sent = {"teams": "销售部\n  华东组\n  华南组\n市场部"}
    assert client.post("/setup/start/teams", sent).url == "/setup/start/people"
    with unit_of_work():
        assert [(t.name, t.depth) for t in people.tree()] == [
            ("明华传感", 0),
            ("销售部", 1),
            ("华东组", 2),
            ("华南组", 2),
            ("市场部", 1),
        ]
    assert client.get("/setup/start").url == "/setup/start/people"
    assert client.get("/setup/start/ready").status_code == 200
    assert client.post("/setup/packs/practice", {"next": "/"}).url == "/"
    assert "开始使用" in client.get("/").content.decode()


def test_people_by_paste(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    seen = client.post("/setup/start/people", {"people": LIST}).content.decode()
    assert "将创建 2 位成员" in seen
    assert "hexiaoyu" in seen
    assert not people.named("何小雨")
    done = client.post("/setup/start/people", {"people": LIST, "save": "1"}).content.decode()
    forget()
    chief, rep = people.named("何小雨")[0], people.named("钱多多")[0]
    password = done.split(f"<code>{rep.login}</code></td><td><code>")[1].split("<")[0]
    assert sign_in(login=rep.login, password=password).person == rep
    assert roles_of([rep.id]) == {rep.id: ("sales_rep",)}
    team = next(t for t in people.tree() if t.name == "西北组")
    assert team.leader_id == chief.id
    assert client.post("/setup/start/people", {"people": LIST}).status_code == 200


def test_a_bad_list_is_told_line_by_line_and_kept(browse: Browse, cast: Cast) -> None:
    bad = LIST.replace("\t销售\t何小雨", "\t销受\t何小鱼") + "\t13900000003\n李强\n何小雨\tx"
    response = browse(cast.wang_li).post("/setup/start/people", {"people": bad, "save": "1"})
    assert response.status_code == 422
    said = response.content.decode()
    for words in ("第 3 行", "销受", "是不是“", "何小鱼", "第 4 行", "第 6 行", "13900000002"):
        assert words in said, words
    assert not people.named("钱多多")


def test_people_of_a_file(browse: Browse, cast: Cast) -> None:
    sent = SimpleUploadedFile("人员.csv", LIST.replace("\t", ",").encode("gb18030"))
    seen = browse(cast.wang_li).post("/setup/start/people", {"file": sent})
    assert "将创建 2 位成员" in seen.content.decode()


def test_only_who_may(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zheng_kai)
    for step in ("", "/company", "/pack", "/teams", "/people", "/ready"):
        assert client.get(f"/setup/start{step}").status_code == 403, step


def test_the_tour_is_offered_until_it_was_seen(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    assert 'id="tour"' not in client.get("/").content.decode()
    assert "data-starts" in client.get("/?tour=1").content.decode()
    assert client.post("/tour/seen").status_code == 204
