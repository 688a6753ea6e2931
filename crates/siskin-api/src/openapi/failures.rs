//! What every failure looks like in the document, said once for all routes.
//!
//! A route names the failures that are its own, with a status and a description; that they are
//! problem documents, and that there are others beside them, stands here. It must never leave an
//! operation without `default`: whoever asks may always be refused.

use utoipa::openapi::path::Operation;
use utoipa::openapi::response::Response;
use utoipa::openapi::{Content, OpenApi, PathItem, Ref, RefOr};

/// The media type of a problem document.
const PROBLEM: &str = "application/problem+json";
/// Every failure that a route does not name.
const OTHERS: &str = "default";

/// Completes the failures of every operation.
pub(super) fn complete(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let responses = &mut operation.responses.responses;
        let mut names_some = false;
        for (status, response) in responses.iter_mut() {
            let is_failure = status.starts_with(['4', '5']);
            names_some |= is_failure;
            if let (true, RefOr::T(response)) = (is_failure || status == OTHERS, response) {
                be_problem(response);
            }
        }
        let text = if names_some { "Another problem" } else { "A problem" };
        responses.entry(OTHERS.to_owned()).or_insert_with(|| {
            let mut others = Response::new(text);
            be_problem(&mut others);
            RefOr::T(others)
        });
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = item;
    [get, put, post, delete, options, head, patch, trace].into_iter().flatten()
}

fn be_problem(response: &mut Response) {
    if response.content.is_empty() {
        let content = Content::new(Some(Ref::from_schema_name("Problem")));
        response.content.insert(PROBLEM.to_owned(), content);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    #[test]
    fn every_failure_of_every_operation_is_a_problem() {
        let document: Value = serde_json::from_str(&super::super::openapi_json()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let mut failures = 0;
        for (path, item) in paths {
            for (method, operation) in item.as_object().unwrap() {
                let responses = operation["responses"].as_object().unwrap();
                assert!(responses.contains_key("default"), "{method} {path}");
                let failed =
                    responses.iter().filter(|(status, _)| !status.starts_with(['1', '2', '3']));
                for (status, response) in failed {
                    failures += 1;
                    let schema = &response["content"]["application/problem+json"]["schema"];
                    let about = format!("{method} {path} {status}");
                    assert_eq!(schema["$ref"], "#/components/schemas/Problem", "{about}");
                }
            }
        }
        assert!(failures > paths.len(), "{failures}");
    }
}
