"""How the characters of Chinese place names are read where a dictionary errs; used by build_regions.py only.

Found by reading through the names of all provinces, cities and counties that hold a character with several readings.
Towns were not read through: there a dictionary's reading stands, and OTHER_READINGS lets them be found by another.
"""

# Readings of single characters in place names, where pypinyin prefers another.
SINGLE = {
    "长": "cháng,zhǎng", "都": "dū,dōu", "什": "shí,shén", "勒": "lè,lēi", "番": "fān,pān", "柏": "bǎi,bó",
    "朝": "cháo,zhāo", "重": "chóng,zhòng", "佛": "fó,fú", "洮": "táo,yáo", "伽": "jiā,gā", "崆": "kōng",
    "珲": "hún,huī", "峙": "shì,zhì", "埠": "bù", "埔": "pǔ,bù", "泊": "bó,pō", "漯": "luò,tà", "曾": "zēng,céng",
    "單": "shàn", "尉": "wèi,yù",
}  # fmt: skip

# Names (or parts of names), longest first wins; "/" divides the official reading from others that people type.
PLACES = {
    "朝阳": "chao yang", "长治": "chang zhi", "长子县": "zhang zi xian", "子长": "zi chang", "长沙": "chang sha",
    "长春": "chang chun", "重庆": "chong qing", "厦门": "xia men", "六安": "lu an/liu an",
    "六合区": "lu he qu/liu he qu", "蚌埠": "beng bu", "蚌山": "beng shan/bang shan", "台州": "tai zhou",
    "丽水": "li shui", "乐清": "yue qing/le qing", "乐山": "le shan", "乐亭": "lao ting/le ting",
    "乐陵": "lao ling/le ling", "大埔": "da bu/da pu", "黄埔": "huang pu", "铅山": "yan shan/qian shan",
    "荥阳": "xing yang", "荥经": "ying jing", "涡阳": "guo yang/wo yang", "番禺": "pan yu", "吐鲁番": "tu lu fan",
    "东莞": "dong guan", "莘县": "shen xian/xin xian", "莘庄": "xin zhuang", "亳州": "bo zhou",
    "泌阳": "bi yang/mi yang", "牟平": "mu ping", "中牟": "zhong mu", "牟定": "mou ding", "尉犁": "yu li/wei li",
    "什邡": "shi fang", "喀什": "ka shi", "克什克腾": "ke shi ke teng", "单县": "shan xian/dan xian",
    "蔚县": "yu xian/wei xian", "泊头": "bo tou/po tou", "繁峙": "fan shi", "洪洞": "hong tong/hong dong",
    "闵行": "min hang", "东阿": "dong e", "宿州": "su zhou", "宿迁": "su qian", "宿松": "su song", "八宿": "ba su",
    "浚县": "xun xian/jun xian", "珲春": "hun chun", "穆棱": "mu ling/mu leng", "绥棱": "sui leng",
    "龙圩": "long xu/long wei", "覃塘": "tan tang/qin tang", "筠连": "jun lian/yun lian", "崆峒": "kong tong",
    "称多": "chen duo/cheng duo", "红寺堡": "hong si bu/hong si pu", "吴堡": "wu bu/wu bao", "伽师": "jia shi",
    "漯河": "luo he", "召陵": "shao ling/zhao ling", "南召": "nan zhao", "大城县": "da cheng xian/dai cheng xian",
    "佛冈": "fo gang", "佛坪": "fo ping", "佛山": "fo shan", "会理": "hui li", "宕昌": "dang chang/tan chang",
    "万柏林": "wan bo lin/wan bai lin", "双柏": "shuang bai", "桐柏": "tong bai", "柏乡": "bai xiang",
    "任泽": "ren ze", "任城": "ren cheng", "任丘": "ren qiu", "阿城": "a cheng", "曾都": "zeng du", "都匀": "du yun",
    "成都": "cheng du", "鄂州": "e zhou", "路凼": "lu dang", "葵涌": "kui chong/kui yong", "乌什": "wu shi",
    "仙居": "xian ju", "沈阳": "shen yang", "沈河": "shen he", "百色": "bai se/bo se", "六盘水": "liu pan shui",
    "六枝": "liu zhi/lu zhi", "陕西": "shan xi", "台江": "tai jiang", "叶县": "ye xian/she xian", "歙县": "she xian",
    "黟县": "yi xian", "柞水": "zha shui/zuo shui", "华县": "hua xian", "尉氏": "wei shi", "余干": "yu gan",
    "新干": "xin gan", "万载": "wan zai", "勐海": "meng hai", "勐腊": "meng la", "巴音郭楞": "ba yin guo leng",
    "红柳": "hong liu", "长乐": "chang le", "将乐": "jiang le", "博乐": "bo le", "牟": "mu/mou",
    "鸭绿江": "ya lu jiang", "阿拉善": "a la shan", "阿勒泰": "a le tai", "麻涌": "ma chong/ma yong",
}  # fmt: skip

# In towns, whose local readings no table holds: one more reading to be found by.
OTHER_READINGS = {
    "堡": ("pu",), "埔": ("pu", "bu"), "涌": ("chong",), "圩": ("xu",), "陂": ("pi", "bei"), "莘": ("shen", "xin"),
    "洞": ("tong",), "泊": ("po", "bo"), "柏": ("bo", "bai"), "阿": ("e",), "蔚": ("yu", "wei"),
    "单": ("shan", "dan"), "解": ("xie",), "乐": ("yue", "lao"), "曾": ("ceng",), "朝": ("zhao",), "长": ("zhang",),
    "浒": ("xu", "hu"), "浚": ("xun",), "六": ("lu",), "重": ("zhong",), "宿": ("xiu",), "翟": ("di", "zhai"),
    "覃": ("tan", "qin"), "谷": ("yu",), "铅": ("yan", "qian"), "龟": ("qiu",), "厦": ("sha", "xia"),
    "峒": ("tong", "dong"), "行": ("hang", "xing"), "都": ("dou",), "番": ("pan", "fan"), "叶": ("she",),
    "尉": ("yu",), "荥": ("ying", "xing"), "棱": ("ling",),
}  # fmt: skip
