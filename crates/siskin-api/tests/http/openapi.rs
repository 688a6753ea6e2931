//! The OpenAPI document is the checked-in one.

use std::path::Path;

#[test]
fn openapi_document_is_the_checked_in_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let made = siskin_api::openapi_json();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == made,
        "crates/siskin-api/openapi.json is not what the code says; \
         hint: UPDATE_OPENAPI=1 cargo test -p siskin-api openapi, \
         then `npm run generate` in dashboards/web"
    );
}
