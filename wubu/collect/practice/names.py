"""Names of made-up people, companies and places."""

from __future__ import annotations

import random

SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚"  # noqa: E501
GIVEN_FIRST = "建志国文晓海明永俊春家德玉宏立振世天新学荣伟卫庆东树光正云军平华红丽秀金桂兰雪思雨子梓佳欣静嘉一浩宇泽博"  # noqa: E501
GIVEN_LAST = "军华平强辉勇峰刚伟斌磊鹏涛杰超波亮飞林明宁健民清生龙阳东芳敏娜静丽艳娟霞玲慧颖琳洁莉梅兰英雪婷倩怡涵轩然哲"  # noqa: E501
REGIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "华东": {
        "江苏省": ("苏州", "无锡", "南京", "常州", "昆山", "南通"),
        "浙江省": ("杭州", "宁波", "温州", "嘉兴", "绍兴"),
        "上海市": ("上海",),
        "安徽省": ("合肥", "芜湖"),
    },
    "华南": {
        "广东省": ("深圳", "东莞", "广州", "佛山", "惠州", "珠海"),
        "福建省": ("厦门", "福州", "泉州"),
        "湖南省": ("长沙", "株洲"),
    },
    "华北": {
        "北京市": ("北京",),
        "天津市": ("天津",),
        "山东省": ("青岛", "济南", "烟台", "潍坊"),
        "河北省": ("石家庄", "唐山", "保定"),
        "辽宁省": ("沈阳", "大连"),
    },
    "西南": {
        "四川省": ("成都", "绵阳", "德阳", "宜宾"),
        "重庆市": ("重庆",),
        "陕西省": ("西安", "宝鸡"),
        "湖北省": ("武汉", "襄阳"),
    },
}
BRAND_FIRST = "恒华中东海瑞金天宏鑫德泰众博科创启新盛联信利远通嘉浩凌飞昊安正卓汇"
BRAND_LAST = "润达源泰力科信远通创成锐捷腾威凯翔宇诚明丰盈邦辰航固晟迅拓峰"


def person_name(rnd: random.Random) -> str:
    """A name of two or three characters."""
    given_name = rnd.choice(GIVEN_LAST)
    if rnd.random() < 0.7:
        given_name = rnd.choice(GIVEN_FIRST) + given_name
    return rnd.choice(SURNAMES[:60]) + given_name


def mobile(rnd: random.Random) -> str:
    """A mobile number as they look in China."""
    start = rnd.choice(("30", "36", "37", "38", "39", "50", "58", "59", "86", "88"))
    return f"1{start}{rnd.randrange(10**8):08d}"
