//! Who may do what: one table of routes, one of roles.
//!
//! What is not in the table is refused. A new route brings its line; a test walks the document and
//! finds the one without.

use axum::http::Method;
use siskin_model::{AreaScope, Role, Who};

use super::reach;

/// What a route asks of whoever uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Nothing: signing in itself, the sign of life, and what has keys of its own.
    Open,
    /// To have signed in: acts on one's own account. A token is not enough, or one that leaked
    /// could make itself others that outlive it.
    Own,
    /// To look.
    Look,
    /// To act on warnings; for which areas is the route's to ask.
    Act,
    /// To change the rules.
    Rules,
    /// To look after people.
    People,
    /// To read what everybody did.
    Audit,
    /// To see who is on duty and how to reach them: not for everybody who passes a screen.
    Contacts,
    /// To change rosters and contacts.
    Duty,
    /// To begin and end drills; in which areas is the backend's to ask.
    Drill,
    /// To write what was done to a device; in which areas is the backend's to ask.
    Maintain,
}

use Permission::{Act, Audit, Contacts, Drill, Duty, Look, Maintain, Open, Own, People, Rules};

/// Every route under `/api/v1`. A path that takes GET takes HEAD by the same line.
pub(crate) const TABLE: &[(&str, &str, Permission)] = &[
    ("GET", "/alive", Open),
    ("GET", "/link", Open),
    ("POST", "/session", Open),
    ("POST", "/setup", Open),
    ("DELETE", "/session", Own),
    ("POST", "/me/password", Own),
    ("GET", "/tokens", Own),
    ("POST", "/tokens", Own),
    ("DELETE", "/tokens/{id}", Own),
    ("GET", "/me", Look),
    ("GET", "/openapi.json", Look),
    ("GET", "/site", Look),
    ("GET", "/map/tiles", Look),
    ("GET", "/channels", Look),
    ("GET", "/channels/{id}/readings", Look),
    ("GET", "/channels/{id}/records", Look),
    ("GET", "/channels/{id}/completeness", Look),
    ("GET", "/channels/{id}/gaps", Look),
    ("GET", "/buckets", Look),
    ("GET", "/records", Look),
    ("GET", "/warnings", Look),
    ("GET", "/warnings/{id}/events", Look),
    ("GET", "/alarms", Look),
    ("GET", "/alarm-records", Look),
    ("GET", "/alarm-records/export", Look),
    ("GET", "/health", Look),
    ("GET", "/edges", Look),
    ("GET", "/uplinks", Look),
    ("GET", "/uplinks/{id}/messages", Look),
    ("GET", "/events", Look),
    ("GET", "/rules", Look),
    ("GET", "/rules/versions", Look),
    ("GET", "/rules/versions/{number}/diff", Look),
    ("GET", "/rules/shadow", Look),
    ("GET", "/rules/sets/{name}", Look),
    ("GET", "/rules/schema", Look),
    ("GET", "/rules/state", Look),
    ("GET", "/backtests", Look),
    ("GET", "/backtests/{id}", Look),
    ("GET", "/corrections", Look),
    ("GET", "/equipment", Look),
    ("GET", "/floods", Look),
    ("GET", "/kpis", Look),
    ("GET", "/reports/periods", Look),
    ("GET", "/holds", Look),
    ("POST", "/warnings/{id}/acknowledge", Act),
    ("POST", "/warnings/acknowledge", Act),
    ("POST", "/warnings/{id}/comment", Act),
    ("POST", "/warnings/{id}/reset", Act),
    ("POST", "/warnings/{id}/cancel", Act),
    ("POST", "/warnings/{id}/escalate", Act),
    ("POST", "/warnings/{id}/shelve", Act),
    ("POST", "/warnings/{id}/unshelve", Act),
    ("POST", "/equipment/{rule}/{channel}", Act),
    ("POST", "/holds/{id}/confirm", Act),
    ("POST", "/holds/{id}/lift", Act),
    ("POST", "/channels/{id}/out-of-service", Act),
    ("DELETE", "/channels/{id}/out-of-service", Act),
    ("GET", "/channels/{id}/maintenance", Look),
    ("POST", "/channels/{id}/maintenance", Maintain),
    ("GET", "/maintenance", Look),
    ("GET", "/maintenance/due", Look),
    // Addresses of the plant's network and what goes over it: not for everybody who passes.
    ("GET", "/devices", Contacts),
    ("GET", "/devices/{id}/registers", Contacts),
    ("POST", "/rules/reload", Rules),
    ("POST", "/rules/promote", Rules),
    ("POST", "/rules/rollback", Rules),
    ("POST", "/rules/shadow", Rules),
    ("DELETE", "/rules/shadow", Rules),
    ("POST", "/rules/check", Rules),
    ("POST", "/rules/tests", Rules),
    ("POST", "/backtests", Rules),
    ("DELETE", "/backtests/{id}", Rules),
    ("GET", "/metrics", Look),
    ("GET", "/incidents", Look),
    ("GET", "/incidents/{id}", Look),
    ("GET", "/incidents/{id}/files/{sha256}", Look),
    ("GET", "/incidents/{id}/evidence", Act),
    ("GET", "/incidents/{id}/reports", Look),
    ("GET", "/incidents/{id}/reports/{kind}/draft", Look),
    ("GET", "/incidents/{id}/reports/{kind}/{version}", Look),
    ("POST", "/incidents/{id}/reports/{kind}/fields", Act),
    ("POST", "/incidents/{id}/reports/{kind}/sign", Act),
    ("POST", "/incidents", Act),
    ("PATCH", "/incidents/{id}", Act),
    ("POST", "/incidents/{id}/notes", Act),
    ("POST", "/incidents/{id}/tasks", Act),
    ("POST", "/incidents/{id}/tasks/{number}/done", Act),
    ("POST", "/incidents/{id}/clocks/{duty}/met", Act),
    ("POST", "/incidents/{id}/warnings/{warning}", Act),
    ("POST", "/incidents/{id}/files", Act),
    ("POST", "/incidents/{id}/close", Act),
    ("POST", "/incidents/{id}/reopen", Act),
    ("GET", "/audit", Audit),
    ("GET", "/audit/export", Audit),
    ("GET", "/bureau/warnings", Contacts),
    ("GET", "/warnings/{id}/messages", Contacts),
    ("POST", "/messages/{number}/read", Contacts),
    ("GET", "/messages", Contacts),
    ("GET", "/messages/{number}", Contacts),
    // Names and kinds of ways, no address: who looks may know whether the bureau was reached.
    ("GET", "/recipients", Look),
    ("GET", "/cap/feed", Contacts),
    ("GET", "/cap/{identifier}", Contacts),
    ("GET", "/cards", Contacts),
    ("GET", "/warnings/{id}/card", Contacts),
    ("GET", "/duty", Contacts),
    ("GET", "/duty/contacts", Contacts),
    ("GET", "/duty/shifts", Contacts),
    ("GET", "/duty/export", Contacts),
    ("GET", "/handovers", Contacts),
    ("POST", "/handovers", Act),
    ("POST", "/handovers/{id}/acknowledge", Act),
    ("POST", "/duty/substitutions", Act),
    ("POST", "/duty/import", Duty),
    ("PUT", "/duty/contacts/{id}", Duty),
    ("DELETE", "/duty/contacts/{id}", Duty),
    ("GET", "/drills", Look),
    ("GET", "/drills/{id}", Look),
    ("GET", "/drills/{id}/report", Look),
    ("POST", "/drills", Drill),
    ("POST", "/drills/{id}/end", Drill),
    ("GET", "/people", People),
    ("POST", "/people", People),
    ("PATCH", "/people/{name}", People),
    ("DELETE", "/people/{name}", People),
    ("POST", "/people/{name}/password", People),
];

/// What each permission that depends on the role is called, and who has it. The admin has all: a
/// small park has one person for everything, and the audit names whoever acted.
const ROLES: &[(Permission, &str, &[Role])] = &[
    (Look, "look", &Role::ALL),
    (Act, "act", &[Role::Operator, Role::Admin]),
    (Rules, "rules", &[Role::Engineer, Role::Admin]),
    (People, "people", &[Role::Admin]),
    (Audit, "audit", &[Role::Admin]),
    (Contacts, "contacts", &[Role::Bureau, Role::Operator, Role::Engineer, Role::Admin]),
    (Duty, "duty", &[Role::Engineer, Role::Admin]),
    // Who looks after an area drills in it, and who makes its rules tries them out there.
    (Drill, "drill", &[Role::Operator, Role::Engineer, Role::Admin]),
    // Whoever holds the gas standard writes: an entry in another's name would be a wrong record.
    (Maintain, "maintain", &[Role::Operator, Role::Engineer, Role::Admin]),
];

/// To see the whole park: everybody but a bureau of some areas, see [`super::reach`].
const PARK: &str = "park";

impl Permission {
    /// Whether `role` has it.
    pub(crate) fn is_of(self, role: Role) -> bool {
        match self {
            Open | Own => true,
            asked => ROLES.iter().any(|(one, _, roles)| *one == asked && roles.contains(&role)),
        }
    }

    /// Whether it concerns the whole site, and so only those who may act in all of it: who looks
    /// after one area must not be able to give themselves the others.
    pub(crate) fn is_of_the_whole_site(self) -> bool {
        matches!(self, Rules | People | Audit | Duty)
    }
}

/// What somebody may do, in words.
pub(crate) fn words(who: &Who) -> Vec<String> {
    let is_own = |permission: Permission, roles: &[Role]| {
        let has_reach = who.areas == AreaScope::All || !permission.is_of_the_whole_site();
        roles.contains(&who.role) && has_reach
    };
    let own = ROLES.iter().filter(|(permission, _, roles)| is_own(*permission, roles));
    let own = own.map(|(_, word, _)| (*word).to_owned());
    own.chain(reach::is_whole(who).then(|| PARK.to_owned())).collect()
}

/// What the route at `path`, as the router matched it, asks; none where the table does not know it.
pub(crate) fn asked(method: &Method, path: &str) -> Option<Permission> {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    let path = path.strip_prefix("/api/v1")?;
    let line = TABLE.iter().find(|(known, of, _)| (*known, *of) == (method, path));
    line.map(|(_, _, asked)| *asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &Method, path: &str, expected: Option<Permission>) {
        assert_eq!(asked(method, path), expected, "{method} {path}");
    }

    #[test]
    fn a_route_asks_for_what_the_table_says_and_the_rest_is_unknown() {
        check(&Method::POST, "/api/v1/warnings/{id}/acknowledge", Some(Act));
        check(&Method::HEAD, "/api/v1/site", Some(Look));
        check(&Method::POST, "/api/v1/site", None);
        check(&Method::GET, "/api/v1/nothing", None);
        check(&Method::GET, "/site", None);
    }

    #[test]
    fn the_table_names_each_route_once() {
        let mut routes: Vec<_> = TABLE.iter().map(|(method, path, _)| (path, method)).collect();
        routes.sort_unstable();
        routes.dedup();
        assert_eq!(routes.len(), TABLE.len());
    }

    #[test]
    fn the_table_and_the_document_have_the_same_routes() {
        let document: serde_json::Value = serde_json::from_str(&crate::openapi_json()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let mut described: Vec<(String, &str)> = Vec::new();
        for (path, item) in paths {
            let methods = item.as_object().unwrap().keys().map(|method| method.to_uppercase());
            let path = path.strip_prefix("/api/v1").unwrap();
            described.extend(methods.map(|method| (method, path)));
        }
        let mut known: Vec<_> =
            TABLE.iter().map(|(method, path, _)| ((*method).to_owned(), *path)).collect();
        described.sort_unstable();
        known.sort_unstable();
        assert_eq!(known, described);
    }

    #[test]
    fn who_looks_does_nothing() {
        let of = |role, areas| words(&Who { name: "li".to_owned(), role, areas });
        assert_eq!(of(Role::Viewer, AreaScope::All), ["look", "park"]);
        assert_eq!(of(Role::Bureau, AreaScope::All), ["look", "contacts", "park"]);
        assert_eq!(
            of(Role::Operator, AreaScope::All),
            ["look", "act", "contacts", "drill", "maintain", "park"]
        );
        assert_eq!(
            of(Role::Engineer, AreaScope::All),
            ["look", "rules", "contacts", "duty", "drill", "maintain", "park"]
        );
        let all = ["act", "rules", "people", "audit", "contacts", "duty", "drill", "maintain"];
        let admin = [["look"].as_slice(), &all, &["park"]].concat();
        assert_eq!(of(Role::Admin, AreaScope::All), admin);
        let yard = AreaScope::Some([siskin_model::AreaId::new("yard").unwrap()].into());
        assert_eq!(
            of(Role::Admin, yard.clone()),
            ["look", "act", "contacts", "drill", "maintain", "park"]
        );
        assert_eq!(of(Role::Bureau, yard.clone()), ["look", "contacts"]);
        assert_eq!(of(Role::Engineer, yard), ["look", "contacts", "drill", "maintain", "park"]);
    }
}
