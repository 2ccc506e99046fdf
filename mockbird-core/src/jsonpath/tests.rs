use super::*;
use crate::json;
use crate::limits::{JSONPATH_DEPTH_MAX, JSONPATH_SEGMENTS_MAX};

const STORE: &str = r#"{"store": {"book": [
    {"category": "reference", "title": "S1", "price": 8.95},
    {"category": "fiction", "title": "S2", "price": 12.99},
    {"category": "fiction", "title": "S3", "isbn": "i3", "price": 8.99},
    {"category": "fiction", "title": "S4", "isbn": "i4", "price": 22.99}],
  "bicycle": {"color": "red", "price": 399}}}"#;
const OBJECT: &str =
    r#"{"o": {"j": 1, "k": 2}, "a": [5, 3], "j j": {"k.k": 3}, "'": {"@": 2}, "☺": "x"}"#;
const LIST: &str = r#"["a", "b", "c", "d", "e", "f", "g"]"#;
const FILTERED: &str = r#"{"a": [3, 5, 1, 2, 4, 6, {"b": "j"}, {"b": "k"}, {"b": {}}, {"b": "kilo"}],
  "o": {"p": 1, "q": 2, "r": 3, "s": 5, "t": {"u": 6}}, "e": "f"}"#;
const COMPARED: &str = r#"{"obj": {"x": "y"}, "arr": [2, 3]}"#;

/// Paths, the text they look at, and what they find (after the sections of RFC 9535).
const CASES: &[(&str, &str, &str)] = &[
    // 1.5
    ("$.store.book[*].title", STORE, r#"["S1","S2","S3","S4"]"#),
    ("$..title", STORE, r#"["S1","S2","S3","S4"]"#),
    ("$.store.*.color", STORE, r#"["red"]"#),
    ("$.store..price", STORE, "[8.95,12.99,8.99,22.99,399]"),
    ("$..book[2].title", STORE, r#"["S3"]"#),
    ("$..book[2].publisher", STORE, "[]"),
    ("$..book[-1].title", STORE, r#"["S4"]"#),
    ("$..book[0,1].title", STORE, r#"["S1","S2"]"#),
    ("$..book[:2].title", STORE, r#"["S1","S2"]"#),
    ("$..book[?@.isbn].title", STORE, r#"["S3","S4"]"#),
    ("$..book[?@.price<10].title", STORE, r#"["S1","S3"]"#),
    ("$..bicycle", STORE, r#"[{"color":"red","price":399}]"#),
    // 2.2, 2.3.1
    ("$", "[1]", "[[1]]"),
    ("$['o']", OBJECT, r#"[{"j":1,"k":2}]"#),
    ("$.o['j']", OBJECT, "[1]"),
    ("$['j j']['k.k']", OBJECT, "[3]"),
    (r#"$["j j"]["k.k"]"#, OBJECT, "[3]"),
    (r#"$["'"]["@"]"#, OBJECT, "[2]"),
    (r"$['\'']['@']", OBJECT, "[2]"),
    ("$.☺", OBJECT, r#"["x"]"#),
    (r"$['\u263A']", OBJECT, r#"["x"]"#),
    ("$ .o [ 'j' , 'k' ]", OBJECT, "[1,2]"),
    // 2.3.2
    ("$.o[*]", OBJECT, "[1,2]"),
    ("$.o[*, *]", OBJECT, "[1,2,1,2]"),
    ("$.a[*]", OBJECT, "[5,3]"),
    ("$.a.*", OBJECT, "[5,3]"),
    // 2.3.3, 2.3.4
    ("$[1]", LIST, r#"["b"]"#),
    ("$[-2]", LIST, r#"["f"]"#),
    ("$[7]", LIST, "[]"),
    ("$[-8]", LIST, "[]"),
    ("$[1:3]", LIST, r#"["b","c"]"#),
    ("$[5:]", LIST, r#"["f","g"]"#),
    ("$[1:5:2]", LIST, r#"["b","d"]"#),
    ("$[5:1:-2]", LIST, r#"["f","d"]"#),
    ("$[::-1]", LIST, r#"["g","f","e","d","c","b","a"]"#),
    ("$[::0]", LIST, "[]"),
    ("$[-2:]", LIST, r#"["f","g"]"#),
    ("$[:-5]", LIST, r#"["a","b"]"#),
    ("$[-100:2]", LIST, r#"["a","b"]"#),
    ("$[100:4:-1]", LIST, r#"["g","f"]"#),
    ("$[ 0 : 5 : 4 ]", LIST, r#"["a","e"]"#),
    ("$[0:9007199254740991:9007199254740991]", LIST, r#"["a"]"#),
    ("$[1:3]", OBJECT, "[]"),
    // 2.3.5
    (
        "$[?$.absent1 == $.absent2]",
        COMPARED,
        r#"[{"x":"y"},[2,3]]"#,
    ),
    (
        "$[?$.absent1 <= $.absent2]",
        COMPARED,
        r#"[{"x":"y"},[2,3]]"#,
    ),
    ("$[?$.absent == 'g']", COMPARED, "[]"),
    ("$[?$.absent1 != $.absent2]", COMPARED, "[]"),
    ("$[?$.absent != 'g']", COMPARED, r#"[{"x":"y"},[2,3]]"#),
    ("$[?1 <= 2]", COMPARED, r#"[{"x":"y"},[2,3]]"#),
    ("$[?1 > 2]", COMPARED, "[]"),
    ("$[?13 == '13']", COMPARED, "[]"),
    (
        "$[?'a' <= 'b' && 'a' < 'b']",
        COMPARED,
        r#"[{"x":"y"},[2,3]]"#,
    ),
    ("$[?$.obj == $.arr]", COMPARED, "[]"),
    ("$[?$.obj != $.arr]", COMPARED, r#"[{"x":"y"},[2,3]]"#),
    (
        "$[?$.obj == $.obj && $.arr == $.arr]",
        COMPARED,
        r#"[{"x":"y"},[2,3]]"#,
    ),
    ("$[?$.obj <= $.arr]", COMPARED, "[]"),
    ("$[?$.obj <= $.obj]", COMPARED, r#"[{"x":"y"},[2,3]]"#),
    ("$[?1 <= $.arr]", COMPARED, "[]"),
    ("$[?true <= true]", COMPARED, r#"[{"x":"y"},[2,3]]"#),
    ("$[?true > true]", COMPARED, "[]"),
    (
        "$[?null == null && 1 == 1.0 && -0 == 0]",
        COMPARED,
        r#"[{"x":"y"},[2,3]]"#,
    ),
    ("$.a[?@.b == 'kilo']", FILTERED, r#"[{"b":"kilo"}]"#),
    ("$.a[?(@.b == 'kilo')]", FILTERED, r#"[{"b":"kilo"}]"#),
    ("$.a[?@>3.5]", FILTERED, "[5,4,6]"),
    (
        "$.a[?@.b]",
        FILTERED,
        r#"[{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}]"#,
    ),
    ("$[?@.*]", r#"{"a": [1], "b": [], "c": 1}"#, "[[1]]"),
    (
        "$[?@[?@.b]]",
        r#"[[{"b": 1}], [{"c": 1}]]"#,
        r#"[[{"b":1}]]"#,
    ),
    ("$.o[?@<3, ?@<3]", FILTERED, "[1,2,1,2]"),
    ("$.a[?@<2 || @.b == \"k\"]", FILTERED, r#"[1,{"b":"k"}]"#),
    ("$.o[?@>1 && @<4]", FILTERED, "[2,3]"),
    ("$.o[?@.u || @.x]", FILTERED, r#"[{"u":6}]"#),
    ("$.a[?@.b == $.x]", FILTERED, "[3,5,1,2,4,6]"),
    ("$.a[?@ == @]", "{\"a\": [1, null]}", "[1,null]"),
    ("$.a[?!@.b]", FILTERED, "[3,5,1,2,4,6]"),
    ("$.a[?!(@ > 1 || @.b)]", FILTERED, "[1]"),
    ("$.a[?@==1||@==2&&@==3]", FILTERED, "[1]"),
    // 2.4
    (
        "$[?length(@.a) > 1]",
        r#"[{"a": "é€"}, {"a": [1]}, {"a": {"x":1,"y":2}}, {"a": 5}]"#,
        r#"[{"a":"é€"},{"a":{"x":1,"y":2}}]"#,
    ),
    (
        "$[?count(@.*) == 1]",
        r#"[{"a": 1}, {"a": 1, "b": 2}, 3]"#,
        r#"[{"a":1}]"#,
    ),
    (
        "$[?value(@..c) == 'red']",
        r#"[{"a": {"c": "red"}}, [{"c": "red"}, {"c": "red"}]]"#,
        r#"[{"a":{"c":"red"}}]"#,
    ),
    (
        "$.a[?match(@.b, '[jk]')]",
        FILTERED,
        r#"[{"b":"j"},{"b":"k"}]"#,
    ),
    (
        "$.a[?search(@.b, '[jk]')]",
        FILTERED,
        r#"[{"b":"j"},{"b":"k"},{"b":"kilo"}]"#,
    ),
    (
        "$.a[?match( @.b , $.p )]",
        r#"{"a": [{"b": "xy"}], "p": "x."}"#,
        r#"[{"b":"xy"}]"#,
    ),
    (
        "$.a[?match(@.b, $.p)]",
        r#"{"a": [{"b": "xy"}], "p": "x("}"#,
        "[]",
    ),
    (
        "$.a[?length(value(@.b)) == 4]",
        FILTERED,
        r#"[{"b":"kilo"}]"#,
    ),
    // 2.5
    ("$.o..[*]", r#"{"o": [{"j": 1}, 2]}"#, r#"[{"j":1},2,1]"#),
    (
        "$..j",
        r#"{"j": {"j": 1}, "a": [{"j": 2}]}"#,
        r#"[{"j":1},1,2]"#,
    ),
    ("$..[0]", "[[1], [2]]", "[[1],1,2]"),
    ("$..*", "{\"a\": [[5]]}", "[[[5]],[5],5]"),
    // 2.6
    ("$.a", r#"{"a": null}"#, "[null]"),
    ("$.a[0]", r#"{"a": null}"#, "[]"),
    ("$.b[?@]", r#"{"b": [null]}"#, "[null]"),
    ("$.b[?@==null]", r#"{"b": [null]}"#, "[null]"),
    ("$.null", r#"{"null": 1}"#, "[1]"),
];

fn found(path: &JsonPath, text: &str) -> String {
    let root = json::parse(text.as_bytes()).unwrap();
    let nodes = path.find(&root).unwrap();
    let texts: Vec<_> = nodes.iter().map(ToString::to_string).collect();
    format!("[{}]", texts.join(","))
}

#[test]
fn finds() {
    for (path, text, want) in CASES {
        let compiled = JsonPath::parse(path).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert_eq!(found(&compiled, text), *want, "{path}");
    }
}

#[test]
fn refused_with_the_column() {
    for (path, column) in [
        ("", 1),
        ("a", 1),
        (" $", 1),
        ("$ ", 2),
        ("$.", 3),
        ("$. a", 3),
        ("$.1a", 3),
        ("$.a-b", 4),
        ("$..", 4),
        ("$...a", 4),
        ("$.é[", 5),
        ("$[]", 3),
        ("$[01]", 3),
        ("$[-0]", 3),
        ("$[-]", 3),
        ("$[9007199254740992]", 3),
        ("$[1,]", 5),
        ("$['a]", 3),
        ("$['\\x']", 4),
        ("$['\\\"']", 4),
        ("$['\\ud800']", 10),
        ("$[a]", 3),
        ("$[0", 4),
        ("$[?]", 4),
        ("$[?1]", 4),
        ("$[?'a']", 4),
        ("$[?true]", 4),
        ("$[?@.* == 1]", 4),
        ("$[?1 == @..a]", 9),
        ("$[?length(@.a)]", 4),
        ("$[?length(@.*) > 1]", 11),
        ("$[?count(1) > 1]", 10),
        ("$[?match(@.a, 'x') == true]", 4),
        ("$[?match(@.a, 'x(')]", 15),
        ("$[?match(@.a, 1)]", 15),
        ("$[?match(@.a)]", 13),
        ("$[?size(@.a) > 1]", 4),
        ("$[?nul == 1]", 4),
        ("$[?@.a = 1]", 8),
        ("$[?@.a == 01]", 11),
        ("$[?(@.a]", 8),
        ("$[?@.a &&]", 10),
        ("$[?(@.a) == 1]", 10),
        ("$[?!!@.a]", 5),
    ] {
        let error = JsonPath::parse(path).expect_err(path);
        assert_eq!(error.column, column, "{path}: {error}");
    }
}

#[test]
fn simple_fields() {
    let body = r#"{"user": {"items": [{"id": 1}, {"id": 7}], "a.b": 2, "e mail": 3}, "$x": 4}"#;
    for (field, want) in [
        ("user.items[1].id", "[7]"),
        ("user.items[-1].id", "[7]"),
        ("user.items[*].id", "[1,7]"),
        ("user['a.b']", "[2]"),
        ("['user'][\"a.b\"]", "[2]"),
        ("user.e mail", "[3]"),
        ("$x", "[4]"),
        ("user.items.0", "[]"),
        ("missing", "[]"),
    ] {
        let path = JsonPath::parse_field(field).unwrap_or_else(|| panic!("{field}"));
        assert_eq!(found(&path, body), want, "{field}");
    }
    for odd in [
        "", ".a", "a.", "a..b", "a[", "a[]", "a]", "a[x]", "a[1", "a[1]b", "a['b",
    ] {
        assert!(JsonPath::parse_field(odd).is_none(), "{odd}");
    }
}

#[test]
fn work_is_bounded() {
    let wide = json::parse(format!("[{}1]", "[1],".repeat(5_000)).as_bytes()).unwrap();
    let patterns = json::parse(format!("[{}1]", "\"a+\",".repeat(200)).as_bytes()).unwrap();
    let deep = json::parse(("[".repeat(120) + &"]".repeat(120)).as_bytes()).unwrap();
    for (path, root) in [
        ("$[?$[?$[?@.a]]]", &wide),
        ("$[?$ == @]", &wide),
        ("$[?count($..*) < 0]", &wide),
        ("$..*..*..*..*", &deep),
        ("$[?match('b', @)]", &patterns),
    ] {
        let path = JsonPath::parse(path).unwrap();
        assert!(path.find(root).unwrap_err().to_string().contains("100000"));
    }
    let path = JsonPath::parse("$..*").unwrap();
    assert_eq!(path.any(&wide, &mut |_| true), Ok(true));
}

#[test]
fn size_and_depth_are_bounded() {
    let long = |n: usize| format!("${}", ".a".repeat(n));
    assert!(JsonPath::parse(&long(JSONPATH_SEGMENTS_MAX)).is_ok());
    assert!(JsonPath::parse(&long(JSONPATH_SEGMENTS_MAX + 1)).is_err());
    let deep = |n: usize| format!("$[?{}@.a{}]", "(".repeat(n), ")".repeat(n));
    assert!(JsonPath::parse(&deep(JSONPATH_DEPTH_MAX - 1)).is_ok());
    assert!(JsonPath::parse(&deep(JSONPATH_DEPTH_MAX)).is_err());
    assert!(JsonPath::parse(&"$[?".repeat(100_000)).is_err());
    assert!(JsonPath::parse_field(&"a.".repeat(100_000)).is_none());
}

proptest::proptest! {
    #[test]
    fn never_panics(text in r#"[.\[\]?@$*'",:()!&|<>=a-c0-2\\ éu-]{0,30}"#) {
        let root = json::parse(FILTERED.as_bytes()).unwrap();
        for path in [format!("${text}"), format!("$[?{text}]"), format!("$[{text}]")] {
            if let Ok(path) = JsonPath::parse(&path) {
                let _ = path.find(&root);
            }
        }
        let _ = JsonPath::parse_field(&text);
    }

    #[test]
    fn slices_are_those_of_the_definition(
        length in 0..8_usize, start in proptest::option::of(-10..10_i64),
        end in proptest::option::of(-10..10_i64), step in -4..4_i64,
    ) {
        // Walks as Python does, whose slices the RFC takes over.
        let n = i64::try_from(length).unwrap();
        let normal = |at: i64| if at < 0 { at + n } else { at };
        let mut want = Vec::new();
        let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
        let first = start.map_or(if step > 0 { 0 } else { n - 1 }, normal).clamp(low, high);
        let stop = end.map_or(if step > 0 { n } else { -1 }, |e| normal(e).clamp(low, high));
        let mut at = first;
        while step != 0 && (if step > 0 { at < stop } else { at > stop }) {
            want.push(at);
            at += step;
        }
        let text = |b: Option<i64>| b.map_or(String::new(), |b| b.to_string());
        let path = format!("$[{}:{}:{step}]", text(start), text(end));
        let list: Vec<_> = (0..length).map(|i| i.to_string()).collect();
        let got = found(&JsonPath::parse(&path).unwrap(), &format!("[{}]", list.join(",")));
        let want: Vec<_> = want.iter().map(ToString::to_string).collect();
        proptest::prop_assert_eq!(got, format!("[{}]", want.join(",")));
    }
}
