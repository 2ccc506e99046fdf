//! What a project says of the requests that are kept.

use mockbird_server::domain::{LogSettings, ProjectId};
use serde_json::{Value, json};

use crate::api_projects::create;
use crate::support::app::TestApp;
use crate::support::client::Reply;
use crate::support::database::app_test;

fn places(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.problem(), (422, "VALIDATION_FAILED".to_owned()));
    let details = reply.json()["details"].clone();
    let places = details.as_array().unwrap().iter();
    places
        .map(|one| one["at"].as_str().unwrap().to_owned())
        .collect()
}

app_test! {
    async fn a_project_says_what_is_kept(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let unsaid = json!({"storeBodies": true, "redact": []});
        let made = create(app, &ada, json!({"name": "Shop"})).await;
        assert_eq!(made["logs"], unsaid);
        let at = made["id"].as_str().unwrap();
        let (patch, put) = (format!("PATCH /api/projects/{at}"), format!("PUT /api/projects/{at}"));
        for (route, logs, after) in [
            (&patch, json!({"redact": ["iban", "x-pin", "IBAN"]}), json!({"storeBodies": true, "redact": ["iban", "x-pin"]})),
            (&patch, json!({"storeBodies": false}), json!({"storeBodies": false, "redact": ["iban", "x-pin"]})),
            (&patch, json!({}), json!({"storeBodies": false, "redact": ["iban", "x-pin"]})),
            (&patch, json!({"storeBodies": null}), json!({"storeBodies": true, "redact": ["iban", "x-pin"]})),
            (&put, json!({"storeBodies": false}), json!({"storeBodies": false, "redact": []})),
            (&patch, Value::Null, unsaid.clone()),
        ] {
            let body = json!({"name": "Shop", "slug": made["slug"], "logs": logs});
            let reply = app.call_as(ada.access(), route, body).await;
            assert_eq!(reply.json()["logs"], after, "{route} {logs}: {reply:?}");
        }
        let body = json!({"name": "Shop", "slug": made["slug"]});
        let replaced = app.call_as(ada.access(), &put, body).await.json();
        assert_eq!(replaced["logs"], unsaid);
    }
}

app_test! {
    async fn what_is_wrong_with_it_is_said_with_its_place(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let made = create(app, &ada, json!({"name": "Shop"})).await;
        let patch = format!("PATCH /api/projects/{}", made["id"].as_str().unwrap());
        let many: Vec<_> = (0..33).map(|n| format!("name-{n}")).collect();
        for (logs, at) in [
            (json!({"redact": ["iban", "", "a\nb"]}), &["logs.redact[1]", "logs.redact[2]"][..]),
            (json!({"redact": ["x".repeat(101)]}), &["logs.redact[0]"]),
            (json!({"redact": many}), &["logs.redact"]),
            (json!({"redact": "iban"}), &["logs.redact"]),
            (json!({"redact": [1]}), &["logs.redact[0]"]),
            (json!({"storeBodies": "no"}), &["logs.storeBodies"]),
            (json!({"storebodies": false}), &["logs.storebodies"]),
            (json!(true), &["logs"]),
        ] {
            let body = json!({"name": "Shop", "logs": logs});
            let changed = app.call_as(ada.access(), &patch, body.clone()).await;
            assert_eq!(places(&changed), at, "{logs}");
            let made = app.call_as(ada.access(), "POST /api/projects", body).await;
            assert_eq!(places(&made), at, "{logs}");
        }
    }
}

app_test! {
    async fn a_copy_keeps_as_much_and_a_file_says_nothing_of_it(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let logs = json!({"storeBodies": false, "redact": ["iban"]});
        let made = create(app, &ada, json!({"name": "Shop", "logs": logs})).await;
        assert_eq!(made["logs"], logs);
        let at = format!("/api/projects/{}", made["id"].as_str().unwrap());
        let copy = app.call_as(ada.access(), &format!("POST {at}/duplicate"), json!({})).await;
        assert_eq!(copy.json()["logs"], logs);
        let file = app.call_as(ada.access(), &format!("GET {at}/export"), Value::Null).await;
        assert_eq!(file.json().get("logs"), None, "{file:?}");

        let project: ProjectId = made["id"].as_str().unwrap().parse().unwrap();
        let mut read = app.app.store().read().await.unwrap();
        let kept = read.project_find(project).await.unwrap().unwrap().log_settings();
        assert!(!kept.store_bodies && kept.redact.all() == ["iban"], "{kept:?}");
        assert_ne!(kept, LogSettings::default());
    }
}
