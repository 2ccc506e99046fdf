//! Each operator on each source.

use super::*;

/// The same text in every place where a text may stand.
fn everywhere(text: &str) -> Vec<(&'static str, String)> {
    let escaped =
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    vec![
        (r#""type":"query","field":"v""#, format!("/?v={escaped}")),
        (r#""type":"path","field":"v""#, format!("/{escaped}")),
    ]
}

#[rustfmt::skip]
#[test]
fn operators_on_text() {
    for (rest, text, want) in [
        (r#""operator":"equals","value":"blue""#, "blue", true),
        (r#""operator":"equals","value":"blue""#, "Blue", false),
        (r#""operator":"equals","value":"BLUE","caseInsensitive":true"#, "blUe", true),
        (r#""operator":"equals","value":"ÄSΣ","caseInsensitive":true"#, "äsσ", true),
        (r#""operator":"equals","value":"k","caseInsensitive":true"#, "\u{212A}", true),
        (r#""operator":"equals","value":5"#, "5.0", true),
        (r#""operator":"equals","value":5"#, "05", false),
        (r#""operator":"equals","value":true"#, "true", true),
        (r#""operator":"equals","value":[1]"#, "[1.0]", true),
        (r#""operator":"contains","value":"lu""#, "blue", true),
        (r#""operator":"contains","value":"LU""#, "blue", false),
        (r#""operator":"contains","value":"LU","caseInsensitive":true"#, "blue", true),
        (r#""operator":"contains","value":2"#, "[1,2]", true),
        (r#""operator":"contains","value":2"#, "12", false),
        (r#""operator":"contains","value":{"a":1}"#, r#"{"a":1,"b":2}"#, true),
        (r#""operator":"startsWith","value":"bl""#, "blue", true),
        (r#""operator":"startsWith","value":"lu""#, "blue", false),
        (r#""operator":"endsWith","value":"UE","caseInsensitive":true"#, "blue", true),
        (r#""operator":"regex","value":"[0-9]{2}""#, "a42b", true),
        (r#""operator":"regex","value":"^[0-9]{2}$""#, "a42b", false),
        (r#""operator":"regex","value":"^É$","caseInsensitive":true"#, "é", true),
        (r#""operator":"greaterThan","value":10"#, "9", false),
        (r#""operator":"greaterThan","value":"10""#, "10.01", true),
        (r#""operator":"greaterThan","value":9007199254740993"#, "9007199254740994", true),
        (r#""operator":"lessOrEqual","value":1e2"#, "100", true),
        (r#""operator":"greaterOrEqual","value":10"#, "+10", false),
        (r#""operator":"lessThan","value":10"#, " 9", false),
        (r#""operator":"greaterThan","value":"2024-01-01T00:00:00Z""#, "2023-12-31t23:30:00-01:00", true),
        (r#""operator":"lessThan","value":"2024-01-01T00:00:00Z""#, "2023-12-31 23:30:00Z", false),
        (r#""operator":"lessThan","value":"2024-01-01T00:00:00Z""#, "2023-12-31T23:30Z", false),
        (r#""operator":"lessThan","value":"2024-01-01T00:00:00Z""#, "2023-12-31T23:30:00", false),
        (r#""operator":"lessThan","value":"2024-01-01T00:00:00Z""#, "2023-13-31T23:30:00Z", false),
        (r#""operator":"lessThan","value":"2024-01-01T00:00:00Z""#, "2023-12-31T23:59:59.999Z", true),
        (r#""operator":"lessThan","value":"2024-01-01T00:00:00Z""#, "5", false),
        (r#""operator":"greaterThan","value":5"#, "2024-01-01T00:00:00Z", false),
    ] {
        for (place, target) in everywhere(text) {
            for negate in [false, true] {
                let condition = compile(&format!(r#"{{{place},{rest},"negate":{negate}}}"#));
                let passes = get(&target).passes(&condition);
                assert_eq!(passes, want != negate, "{rest} {text} {place} {negate}");
            }
        }
    }
}

#[rustfmt::skip]
#[test]
fn operators_on_json() {
    for (field, rest, body, want) in [
        ("v", r#""operator":"equals","value":"1.10""#, r#"{"v":1.10}"#, true),
        ("v", r#""operator":"equals","value":1.1"#, r#"{"v":1.10}"#, true),
        ("v", r#""operator":"equals","value":1"#, r#"{"v":"1"}"#, false),
        ("v", r#""operator":"equals","value":null"#, r#"{"v":null}"#, true),
        ("v", r#""operator":"equals","value":null"#, "{}", false),
        ("v", r#""operator":"equals","value":"[1,2]""#, r#"{"v":[1, 2]}"#, true),
        ("v", r#""operator":"equals","value":{"a":"X"},"caseInsensitive":true"#, r#"{"v":{"a":"x"}}"#, false),
        ("v", r#""operator":"contains","value":"2""#, r#"{"v":123}"#, true),
        ("v", r#""operator":"contains","value":"b""#, r#"{"v":["a","b"]}"#, true),
        ("v", r#""operator":"contains","value":"B","caseInsensitive":true"#, r#"{"v":["a","b"]}"#, true),
        ("v", r#""operator":"contains","value":"b""#, r#"{"v":["abc"]}"#, false),
        ("v", r#""operator":"contains","value":"b""#, r#"{"v":{"a":"b"}}"#, true),
        ("v", r#""operator":"contains","value":{"id":1}"#, r#"{"v":[{"id":1,"x":2}]}"#, false),
        ("v", r#""operator":"contains","value":{"l":[{"id":1}]}"#, r#"{"v":{"l":[{"id":1,"x":2}],"m":0}}"#, true),
        ("v", r#""operator":"contains","value":5"#, r#"{"v":5.0}"#, true),
        ("v", r#""operator":"startsWith","value":"[1,[2""#, r#"{"v":[1, [2, 3]]}"#, true),
        ("v", r#""operator":"greaterThan","value":10"#, r#"{"v":"12"}"#, true),
        ("v", r#""operator":"greaterThan","value":10"#, r#"{"v":[12]}"#, false),
        ("v", r#""operator":"greaterThan","value":"2024-01-01T00:00:00Z""#, r#"{"v":"2024-01-01T00:00:01Z"}"#, true),
        ("v", r#""operator":"exists""#, r#"{"v":""}"#, true),
        ("items[*].id", r#""operator":"equals","value":2"#, r#"{"items":[{"id":1},{"id":2}]}"#, true),
        ("$..id", r#""operator":"equals","value":2"#, r#"{"items":[{"id":1},{"id":2}]}"#, true),
        ("$['a.b']", r#""operator":"exists""#, r#"{"a.b":1}"#, true),
        ("['a.b']", r#""operator":"exists""#, r#"{"a.b":1}"#, true),
        ("v", r#""operator":"exists""#, "not json", false),
        ("v", r#""operator":"exists""#, "", false),
        ("", r#""operator":"equals","value":"{\"a\":1}""#, r#"{"a":1}"#, true),
        ("", r#""operator":"equals","value":"{\"a\":1}""#, r#"{"a": 1}"#, false),
        ("", r#""operator":"equals","value":{"a":1}"#, r#"{"a": 1.0}"#, true),
        ("", r#""operator":"greaterThan","value":5"#, "6", true),
        ("", r#""operator":"equals","value":null"#, "", false),
        ("", r#""operator":"equals","value":"""#, "", true),
        ("", r#""operator":"exists""#, "", false),
        ("", r#""operator":"exists""#, " ", true),
        ("", r#""operator":"schema","value":{"required":["a"]}"#, r#"{"a":1}"#, true),
        ("", r#""operator":"schema","value":{"type":"object"}"#, "", false),
        ("v", r#""operator":"schema","value":{"type":"integer","minimum":2}"#, r#"{"v":1}"#, false),
        ("v", r#""operator":"schema","value":{"type":"integer"}"#, r#"{"v":1.0}"#, true),
        ("v", r#""operator":"schema","value":{"type":"number"}"#, r#"{"v":1e400}"#, true),
        ("v", r#""operator":"schema","value":false"#, r#"{"v":1}"#, false),
    ] {
        let optional = (field.starts_with('$') && !cfg!(feature = "jsonpath"))
            || (rest.contains("schema") && !cfg!(feature = "json-schema"));
        if optional {
            continue;
        }
        for negate in [false, true] {
            let text = format!(r#"{{"type":"body","field":"{field}",{rest},"negate":{negate}}}"#);
            let passes = json(body).passes(&compile(&text));
            assert_eq!(passes, want != negate, "{text} {body}");
        }
    }
}

#[rustfmt::skip]
#[test]
fn each_source() {
    let form = "application/x-www-form-urlencoded";
    let multipart = "multipart/form-data; boundary=b";
    let part = "--b\r\nContent-Disposition: form-data; name=\"v\"\r\n\r\nblue\r\n--b--";
    for (source, field, sent, want) in [
        ("header", "X-V", with(&[("x-v", "red"), ("X-v", "blue")]), true),
        ("header", "x-v", with(&[("x-v", "red, blue")]), false),
        ("query", "v", get("/?v=red&v=bl%75e"), true),
        ("query", "v", get("/?V=blue"), false),
        ("query", "a b", get("/?a+b=blue"), true),
        ("cookie", "v", with(&[("cookie", "a=1; v=blue")]), true),
        ("cookie", "v", with(&[("cookie", "xv=blue")]), false),
        ("path", "v", get("/x/bl%75e"), true),
        ("path", "w", get("/x/blue"), false),
        ("path", "", get("/x/blue"), false),
        ("body", "v", posted(form, "v=red&v=blue"), true),
        ("body", "a[]", posted(form, "a[]=blue"), true),
        ("body", "a.b", posted(form, "a.b=blue"), true),
        ("body", "$.v", posted(form, "$.v=blue"), false),
        ("body", "v", posted(multipart, part), true),
        ("body", "v", posted("text/plain", r#"{"v":"blue"}"#), true),
        ("body", "v", posted("application/xml", "<v>blue</v>"), false),
        ("body", "/v", posted("application/xml", "<v>blue</v>"), true),
        ("body", "/r/v/@a", posted("text/xml", "<r><v a='red'/><v a='blue'/></r>"), true),
        ("body", "/v", posted("text/plain", "<v>blue</v>"), false),
        ("body", "/v", posted("application/xml", "<v>blue<v>"), false),
        ("body", "", posted("text/plain", "blue"), true),
    ] {
        if (field.starts_with('/') && !cfg!(feature = "xpath"))
            || (field.starts_with('$') && !cfg!(feature = "jsonpath"))
        {
            continue;
        }
        let test = format!(r#""type":"{source}","field":"{field}""#);
        let equals = compile(&format!(r#"{{{test},"operator":"equals","value":"blue"}}"#));
        assert_eq!(sent.passes(&equals), want, "{test}");
    }
    let method = |value| format!(r#"{{"type":"method","operator":"equals","value":"{value}"}}"#);
    assert!(get("/").passes(&compile(&method("POST"))));
    assert!(!get("/").passes(&compile(&method("GET"))));
    let path = r#"{"type":"path","operator":"equals","value":"/a b"}"#;
    assert!(get("/a%20b?c").passes(&compile(path)));
}

#[rustfmt::skip]
#[test]
fn a_missing_field_fails_every_operator() {
    for operator in [
        r#""exists""#,
        r#""equals","value":"""#,
        r#""equals","value":null"#,
        r#""contains","value":"""#,
        r#""startsWith","value":"""#,
        r#""endsWith","value":"""#,
        r#""regex","value":".*""#,
        r#""greaterThan","value":0"#,
        r#""lessOrEqual","value":0"#,
    ] {
        for source in ["header", "query", "cookie", "path", "body"] {
            let test = format!(r#""type":"{source}","field":"x","operator":{operator}"#);
            assert!(!get("/").passes(&compile(&format!("{{{test}}}"))), "{test}");
            let negated = compile(&format!(r#"{{{test},"negate":true}}"#));
            assert!(get("/").passes(&negated), "{test}");
        }
    }
}

#[rustfmt::skip]
#[test]
fn groups() {
    let has = |key: &str| format!(r#"{{"type":"query","field":"{key}","operator":"exists"}}"#);
    let (a, b) = (has("a"), has("b"));
    for (condition, target, want) in [
        (format!(r#"{{"any":[{a},{b}]}}"#), "/?b", true),
        (format!(r#"{{"any":[{a},{b}]}}"#), "/", false),
        (format!(r#"{{"all":[{a},{b}]}}"#), "/?a&b", true),
        (format!(r#"{{"all":[{a},{b}]}}"#), "/?a", false),
        (format!(r#"{{"not":{a}}}"#), "/?a", false),
        (format!(r#"{{"not":{{"any":[{a},{b}]}}}}"#), "/?c", true),
    ] {
        assert_eq!(
            get(target).passes(&compile(&condition)),
            want,
            "{condition} {target}"
        );
    }
}

#[cfg(feature = "jsonpath")]
#[test]
fn a_stopped_search_passes_neither_way() {
    let body = format!("[{}1]", "[1],".repeat(5_000));
    for negate in [false, true] {
        let condition = format!(
            r#"{{"type":"body","field":"$[?$[?$[?@.a]]]","operator":"exists","negate":{negate}}}"#
        );
        assert!(!json(&body).passes(&compile(&condition)));
        assert!(
            json(&body)
                .line(&condition)
                .contains("stopped after 100000 steps")
        );
    }
}

#[cfg(feature = "json-schema")]
#[rustfmt::skip]
#[test]
fn schemas_that_lead_back_to_themselves() {
    let body = format!("{}1{}", "[".repeat(120), "]".repeat(120));
    for (schema, want) in [
        (r##"{"$ref":"#"}"##, true),
        (r##"{"allOf":[{"$ref":"#"}]}"##, true),
        (r##"{"anyOf":[{"items":{"$ref":"#"},"type":"array","x":1},{"items":{"$ref":"#"},"type":"array"}]}"##, false),
        (r##"{"$defs":{"a":{"$anchor":"x","items":{"$ref":"#x"}}},"$ref":"#x"}"##, true),
        (r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"urn:a","$ref":"urn:a#/$defs/b","$defs":{"b":{}}}"#, true),
    ] {
        let condition = compile(&format!(
            r#"{{"type":"body","operator":"schema","value":{schema}}}"#
        ));
        assert_eq!(json(&body).passes(&condition), want, "{schema}");
    }
}

#[cfg(feature = "json-schema")]
#[test]
fn the_deepest_schema_on_the_deepest_body_fits_a_small_stack() {
    let levels = crate::limits::SCHEMA_DEPTH_MAX / 2 - 1;
    let schema =
        r#"{"allOf":["#.repeat(levels) + r##"{"items":{"$ref":"#"}}"## + &"]}".repeat(levels);
    let body = "[".repeat(128) + &"]".repeat(128);
    let thread = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || {
            let condition = compile(&format!(
                r#"{{"type":"body","operator":"schema","value":{schema}}}"#
            ));
            assert!(json(&body).passes(&condition));
        });
    thread.unwrap().join().unwrap();
}

/// The crate compares the names of groups with each other, so the text is bounded.
#[cfg(feature = "json-schema")]
#[test]
fn the_format_regex_is_told_of_short_texts_only() {
    let draft = r#""$schema":"http://json-schema.org/draft-07/schema#""#;
    let condition = compile(&format!(
        r#"{{"type":"body","operator":"schema","value":{{{draft},"format":"regex"}}}}"#
    ));
    let groups = |count: usize| {
        let groups = (0..count).map(|n| format!("(?<a{n}>)"));
        groups.collect::<Vec<_>>().concat()
    };
    for (text, want) in [
        ("^a+$", true),
        ("a(", false),
        (&*groups(100), true),
        (&groups(100_000), false),
    ] {
        assert_eq!(json(&format!("{text:?}")).passes(&condition), want);
    }
}

/// What would take too much work is not begun, passes neither way, and says so.
#[cfg(feature = "json-schema")]
#[test]
fn a_schema_that_takes_too_much_work_passes_neither_way() {
    let body = "[".repeat(100) + &"]".repeat(100);
    let again = r##"{"items":{"$ref":"#"}}"##;
    for negate in [false, true] {
        let text = format!(
            r#"{{"type":"body","operator":"schema","negate":{negate},"value":{{"allOf":[{again},{again}]}}}}"#
        );
        let condition = compile(&text);
        assert!(!json(&body).passes(&condition));
        assert_eq!(json("[[]]").passes(&condition), !negate);
        assert_eq!(
            json(&body).line(&text),
            "body could not be decided: stopped after 5000000 steps"
        );
    }
}

#[cfg(feature = "json-schema")]
#[test]
fn unique_items() {
    for (items, want) in [
        ("[]", true),
        ("[1,1.0]", false),
        ("[0,-0.0]", false),
        ("[1,\"1\",true,null,\"true\",\"null\"]", true),
        ("[9007199254740992,9007199254740993]", true),
        ("[18446744073709551615,18446744073709551616]", true),
        ("[1e300,1E+300]", false),
        ("[0.1,0.10]", false),
        ("[{\"a\":1,\"b\":[2]},{\"b\":[2.0],\"a\":1}]", false),
        ("[{\"a\":1},{\"a\":2},{\"b\":1},{}]", true),
        ("[[[1],2],[1,[2]],[1,2],[[1,2]]]", true),
        ("[\"a,1:b\",[\"a\",\"b\"],\"a\"]", true),
        ("{\"a\":1}", true),
    ] {
        for (schema, want) in [
            (r#"{"uniqueItems":true}"#, want),
            (r#"{"uniqueItems":false}"#, true),
            (r#"{"not":{"uniqueItems":true}}"#, !want),
        ] {
            let condition = compile(&format!(
                r#"{{"type":"body","operator":"schema","value":{schema}}}"#
            ));
            assert_eq!(json(items).passes(&condition), want, "{schema} {items}");
        }
    }
}

/// Arrays of arrays, of which the crate's own hash is the same for all.
#[cfg(feature = "json-schema")]
#[test]
fn unique_items_take_no_time_that_a_stranger_chooses() {
    let item = |n: u32| {
        let bits = (0..17).map(|bit| if n >> bit & 1 == 0 { "[]" } else { "[[]]" });
        format!("[{}]", bits.collect::<Vec<_>>().join(","))
    };
    let items: Vec<_> = (0..100_000).map(item).collect();
    let body = format!("[{}]", items.join(","));
    let condition = compile(r#"{"type":"body","operator":"schema","value":{"uniqueItems":true}}"#);
    let began = std::time::Instant::now();
    assert!(json(&body).passes(&condition));
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}
