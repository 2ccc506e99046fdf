//! The whole way of a user: from an account to mocks that answer, with conditions, weights and delays.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::Reply;
use crate::support::database::app_test;
use crate::support::projects::{TestProject, id};

/// The mocks of "My E-commerce API", one request each.
fn mocks() -> Vec<Value> {
    let bearer = json!([{"type": "header", "field": "Authorization", "operator": "equals", "value": "Bearer token123"}]);
    let shoes =
        json!([{"type": "query", "field": "category", "operator": "equals", "value": "shoes"}]);
    vec![
        json!({"name": "List products", "path": "/products", "responses": [
            {"name": "shoes", "body": [{"id": 2, "name": "Boot"}], "conditions": shoes},
            {"name": "all", "body": [{"id": 1, "name": "Hat"}, {"id": 2, "name": "Boot"}], "isDefault": true},
        ]}),
        json!({"name": "Get product", "path": "/products/{id}", "responses": [
            {"body": {"id": "{{ request.params.id }}", "name": "Product {{ request.params.id }}"}},
        ]}),
        json!({"name": "Delete product", "method": "DELETE", "path": "/products/{id}", "responses": [{"statusCode": 204}]}),
        json!({"name": "Replace product", "method": "PUT", "path": "/products/{id}", "responses": [
            {"body": {"id": "{{ request.params.id }}", "price": "{{ request.body.price }}"}},
        ]}),
        json!({"name": "Add to cart", "method": "POST", "path": "/cart/add", "responses": [
            {"statusCode": 201, "body": {"added": "{{ request.body.productId }}"}},
        ]}),
        json!({"name": "Profile", "path": "/user/profile", "responses": [
            {"name": "known", "body": {"name": "Ada"}, "conditions": bearer},
            {"name": "unknown", "statusCode": 401, "body": {"error": "unauthorized"}, "isDefault": true},
        ]}),
        json!({"name": "Pay", "method": "POST", "path": "/pay", "responses": [
            {"body": "paid", "weight": 70},
            {"statusCode": 402, "body": "declined", "weight": 20},
            {"statusCode": 500, "body": "broken", "weight": 10},
        ]}),
        json!({"name": "Slow", "path": "/slow", "responseDelay": 2_000, "responses": [{"body": "at last"}]}),
    ]
}

async fn call(shop: &TestProject<'_>, route: &str, headers: &[(&str, &str)], body: Value) -> Reply {
    let (method, path) = route.split_once(' ').unwrap();
    let route = format!("{method} /m/{}{path}", shop.slug);
    shop.app.call(&route, headers, body).await
}

/// How often each status came, of so many calls.
async fn statuses(shop: &TestProject<'_>, route: &str, calls: u32) -> impl Fn(u16) -> f64 {
    let mut statuses = Vec::new();
    for _ in 0..calls {
        statuses.push(call(shop, route, &[], Value::Null).await.status.as_u16());
    }
    move |status| {
        let count = statuses.iter().filter(|one| **one == status).count();
        f64::from(u32::try_from(count).unwrap()) / f64::from(calls)
    }
}

app_test! {
    async fn my_e_commerce_api(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let wish = json!({"name": "My E-commerce API", "isPublic": true});
        let project = app.call_as(ada.access(), "POST /api/projects", wish).await;
        assert_eq!(project.status, 201, "{project:?}");
        let project = project.json();
        assert_eq!(project["slug"], "my-e-commerce-api");
        let slug = project["slug"].as_str().unwrap().to_owned();
        let shop = TestProject { app, login: &ada, organization: ada.organization().parse().unwrap(), id: id(&project).parse().unwrap(), slug };
        for mock in mocks() {
            let made = shop.mock(mock.clone()).await;
            assert_eq!(made["warnings"], json!([]), "{mock}");
            let url = format!("{}{}", project["url"].as_str().unwrap(), mock["path"].as_str().unwrap());
            assert_eq!(made["url"], url);
        }
        assert_eq!(shop.paths().await.len(), mocks().len());

        for (route, headers, body, status, answer) in [
            ("GET /products", &[][..], Value::Null, 200, json!([{"id": 1, "name": "Hat"}, {"id": 2, "name": "Boot"}])),
            ("GET /products?category=shoes", &[], Value::Null, 200, json!([{"id": 2, "name": "Boot"}])),
            ("GET /products?category=hats", &[], Value::Null, 200, json!([{"id": 1, "name": "Hat"}, {"id": 2, "name": "Boot"}])),
            ("GET /products/42", &[], Value::Null, 200, json!({"id": "42", "name": "Product 42"})),
            ("PUT /products/42", &[], json!({"price": 9.99}), 200, json!({"id": "42", "price": 9.99})),
            ("POST /cart/add", &[], json!({"productId": 7}), 201, json!({"added": 7})),
            ("GET /user/profile", &[("authorization", "Bearer token123")], Value::Null, 200, json!({"name": "Ada"})),
            ("GET /user/profile", &[("authorization", "Bearer wrong")], Value::Null, 401, json!({"error": "unauthorized"})),
            ("GET /user/profile", &[], Value::Null, 401, json!({"error": "unauthorized"})),
        ] {
            let reply = call(&shop, route, headers, body).await;
            assert_eq!((reply.status.as_u16(), reply.json()), (status, answer), "{route} {headers:?}");
            assert_eq!(reply.header("content-type"), Some("application/json"), "{route}");
        }
        let gone = call(&shop, "DELETE /products/42", &[], Value::Null).await;
        assert_eq!((gone.status.as_u16(), gone.body.len()), (204, 0));
        let miss = call(&shop, "PATCH /products/42", &[], Value::Null).await;
        assert_eq!(miss.problem(), (404, "MOCK_NOT_FOUND".to_owned()));

        // Five deviations and more from what is expected: it is never seen.
        let share = statuses(&shop, "POST /pay", 400).await;
        assert!((0.58..0.82).contains(&share(200)), "{}", share(200));
        assert!((0.10..0.31).contains(&share(402)), "{}", share(402));
        assert!((0.02..0.19).contains(&share(500)), "{}", share(500));

        let start = Instant::now();
        assert_eq!(call(&shop, "GET /slow", &[], Value::Null).await.body, "at last");
        assert!(start.elapsed() >= Duration::from_secs(2));
    }
}
