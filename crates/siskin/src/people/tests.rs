//! Who comes in and who does not, over a real ledger.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use siskin_api::backend::BackendError;
use siskin_api::people::{
    Begun, Credential, NewPerson, NewToken, PeopleError, PersonChange, Secret, SignIn,
};
use siskin_model::{AccountName, AreaId, AreaScope, Role, Timestamp};
use siskin_store::Ledger;

use super::desk::{PeopleDesk, PeopleRules};

const PASSWORD: &str = "correct horse battery";
const MINUTE_MS: i64 = 60_000;
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

struct Park {
    desk: PeopleDesk,
    now_ms: Arc<AtomicI64>,
    dir: tempfile::TempDir,
}

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

fn open(dir: &tempfile::TempDir, now_ms: &Arc<AtomicI64>) -> PeopleDesk {
    let shared = Arc::clone(now_ms);
    let clock: siskin_collect::Clock =
        Arc::new(move || Timestamp::from_millis(shared.load(Ordering::SeqCst)));
    let areas = ["yard", "jetty"].map(|id| AreaId::new(id).unwrap());
    let rules = PeopleRules {
        session_ms: 60 * MINUTE_MS,
        anonymous_looks: false,
        areas: Some(areas.into()),
        offset_s: 0,
    };
    PeopleDesk::open(Arc::new(Ledger::open(dir.path()).unwrap()), clock, rules).unwrap()
}

fn person(name: &str, role: Role, areas: AreaScope) -> NewPerson {
    let display = "李雷".to_owned();
    let name = AccountName::new(name).unwrap();
    NewPerson { name, display, role, areas, password: secret(PASSWORD) }
}

fn yard() -> AreaScope {
    AreaScope::Some([AreaId::new("yard").unwrap()].into())
}

/// A park with the admin `root` and the operator `li` of the yard.
fn park() -> Park {
    let (dir, now_ms) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI64::new(1_000_000)));
    let desk = open(&dir, &now_ms);
    desk.add_person("terminal", &person("root", Role::Admin, AreaScope::All)).unwrap();
    desk.add_person("root", &person("li", Role::Operator, yard())).unwrap();
    Park { desk, now_ms, dir }
}

impl Park {
    fn wait(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }

    fn sign_in(&self, name: &str, password: &str) -> Result<Begun, BackendError> {
        self.sign_in_at(HOME, name, password)
    }

    fn sign_in_at(
        &self,
        remote: IpAddr,
        name: &str,
        password: &str,
    ) -> Result<Begun, BackendError> {
        let (name, password) = (secret(name), secret(password));
        self.desk.sign_in(&SignIn { name, password, remote })
    }

    fn session(&self, name: &str) -> Credential {
        Credential::Session(self.sign_in(name, PASSWORD).unwrap().cookie.0)
    }

    fn token(&self, name: &str, new: &NewToken) -> Credential {
        Credential::Token(self.desk.add_token(name, name, new).unwrap().1.0)
    }

    fn restarted(self) -> Self {
        let Self { desk, now_ms, dir } = self;
        desk.flush().unwrap();
        drop(desk);
        let desk = open(&dir, &now_ms);
        Self { desk, now_ms, dir }
    }
}

fn token(role: Role, areas: AreaScope) -> NewToken {
    NewToken { name: format!("{role:?}"), role, areas, days: 1 }
}

fn check<T: std::fmt::Debug>(done: Result<T, BackendError>, expected: &PeopleError) {
    match done.unwrap_err() {
        BackendError::People(error) => assert_eq!(&error, expected),
        other => panic!("{other} instead of {expected}"),
    }
}

fn is_locked(done: &Result<Begun, BackendError>) -> bool {
    matches!(done, Err(BackendError::People(PeopleError::Locked { .. })))
}

#[test]
fn who_signed_in_is_known_until_they_sign_out() {
    let park = park();
    let session = park.session("li");
    let known = park.desk.who(&session).unwrap();
    assert_eq!((known.who.name.as_str(), known.who.role), ("li", Role::Operator));
    assert_eq!(known.who.areas, yard());
    assert!(known.csrf.is_some());
    let park = park.restarted();
    assert_eq!(park.desk.who(&session), Some(known));
    park.desk.sign_out(&session).unwrap();
    assert_eq!(park.desk.who(&session), None, "replayed after signing out");
    assert_eq!(park.restarted().desk.who(&session), None);
}

#[test]
fn a_session_lives_while_it_is_used() {
    let park = park();
    let session = park.session("li");
    for _ in 0..3 {
        park.wait(59 * MINUTE_MS);
        assert!(park.desk.who(&session).is_some());
    }
    let park = park.restarted();
    park.wait(60 * MINUTE_MS);
    assert_eq!(park.desk.who(&session), None);
}

#[test]
fn a_wrong_half_lets_nobody_in() {
    let park = park();
    let Credential::Session(cookie) = park.session("li") else { panic!("a session") };
    let Credential::Session(other) = park.session("root") else { panic!("a session") };
    let (id, _) = cookie.split_once('.').unwrap();
    let (_, secret) = other.split_once('.').unwrap();
    for wrong in ["", ".", id, &format!("{id}."), &format!("{id}.{secret}"), &cookie[1..]] {
        assert_eq!(park.desk.who(&Credential::Session(wrong.to_owned())), None, "{wrong}");
        assert_eq!(park.desk.who(&Credential::Token(wrong.to_owned())), None, "{wrong}");
    }
    assert_eq!(park.desk.who(&Credential::Token(cookie)), None, "a cookie is no token");
}

#[test]
fn an_unknown_name_costs_the_same_work_and_looks_the_same() {
    let park = park();
    let hashes = |name: &str| {
        let before = park.desk.hashes.load(Ordering::SeqCst);
        let refused = park.sign_in(name, "wrong").unwrap_err().to_string();
        (park.desk.hashes.load(Ordering::SeqCst) - before, refused)
    };
    assert_eq!(hashes("li"), hashes("nobody"));
    assert_eq!(hashes("li").0, 1);
    let gone = PersonChange { disabled: Some(true), ..PersonChange::default() };
    park.desk.change_person("root", "li", &gone).unwrap();
    assert_eq!(hashes("li"), hashes("nobody"), "a disabled one");
    check(park.sign_in("li", PASSWORD), &PeopleError::SignInRefused);
}

#[test]
fn a_name_is_locked_after_five_failures_known_or_not_also_after_a_restart() {
    let park = park();
    for name in ["li", "nobody"] {
        for _ in 0..5 {
            check(park.sign_in(name, "wrong"), &PeopleError::SignInRefused);
        }
        assert!(is_locked(&park.sign_in(name, PASSWORD)), "{name}");
    }
    assert!(park.sign_in("root", PASSWORD).is_ok(), "others are not locked");
    let park = park.restarted();
    assert!(is_locked(&park.sign_in("li", PASSWORD)));
    park.wait(15 * MINUTE_MS - 1);
    assert!(is_locked(&park.sign_in("li", PASSWORD)));
    park.wait(1);
    assert!(park.sign_in("li", PASSWORD).is_ok());
}

#[test]
fn strangers_cannot_keep_the_only_admin_out_for_good() {
    let park = park();
    let at = |n: u8| IpAddr::V4(Ipv4Addr::new(10, 0, 0, n));
    let fail = |n: u8| check(park.sign_in_at(at(n), "root", "wrong"), &PeopleError::SignInRefused);
    let comes_in = |from: IpAddr| park.sign_in_at(from, "root", PASSWORD).is_ok();
    (0..5).for_each(|_| fail(1));
    assert!(is_locked(&park.sign_in_at(at(1), "root", PASSWORD)), "the address is locked out");
    assert!(comes_in(at(2)) && comes_in(HOME), "others are not");
    for stranger in 10..19 {
        (0..5).for_each(|_| fail(stranger));
    }
    // Fifty, from addresses enough: a name is not guessed at without an end either.
    assert!(is_locked(&park.sign_in_at(at(2), "root", PASSWORD)));
    assert!(comes_in(HOME), "the station's own machine lets them in");
    assert!(park.sign_in_at(at(2), "li", PASSWORD).is_ok(), "another name");
    park.wait(15 * MINUTE_MS);
    assert!(comes_in(at(2)) && comes_in(at(1)));
}

#[test]
fn a_name_that_reads_like_an_origin_counts_for_nobody_else() {
    let park = park();
    let other = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    for name in
        ["127.0.0.1\nli", "here\n127.0.0.1\nli", "anywhere\nli", " li", "LI", "ｌｉ", "li\0"]
    {
        for _ in 0..5 {
            check(park.sign_in_at(other, name, PASSWORD), &PeopleError::SignInRefused);
        }
    }
    assert!(park.sign_in("li", PASSWORD).is_ok());
    assert!(park.sign_in_at(other, "li", PASSWORD).is_ok(), "none of them is `li`");
}

#[test]
fn a_session_that_was_chosen_by_somebody_else_is_never_taken_over() {
    let park = park();
    let before = park.session("li");
    let (first, second) = (park.session("li"), park.session("li"));
    assert!(before != first && first != second, "every sign-in makes another one");
    park.desk.sign_out(&before).unwrap();
    park.session("li");
    assert_eq!(park.desk.who(&before), None, "one that is over stays over");
}

#[test]
fn failures_that_are_far_apart_and_those_before_a_success_do_not_lock() {
    let park = park();
    for _ in 0..4 {
        check(park.sign_in("li", "wrong"), &PeopleError::SignInRefused);
    }
    assert!(park.sign_in("li", PASSWORD).is_ok());
    for _ in 0..8 {
        check(park.sign_in("li", "wrong"), &PeopleError::SignInRefused);
        park.wait(4 * MINUTE_MS);
    }
    assert!(park.sign_in("li", PASSWORD).is_ok());
}

#[test]
fn who_is_disabled_is_out_at_once() {
    let park = park();
    let (session, program) = (park.session("li"), park.token("li", &token(Role::Viewer, yard())));
    assert!(park.desk.who(&session).is_some() && park.desk.who(&program).is_some());
    let gone = PersonChange { disabled: Some(true), ..PersonChange::default() };
    park.desk.change_person("root", "li", &gone).unwrap();
    assert!(park.desk.who(&session).is_none() && park.desk.who(&program).is_none());
    let back = PersonChange { disabled: Some(false), ..PersonChange::default() };
    park.desk.change_person("root", "li", &back).unwrap();
    assert!(park.desk.who(&session).is_none() && park.desk.who(&program).is_none());
}

#[test]
fn a_token_is_its_owner_with_no_more_rights_than_they_have() {
    let park = park();
    for (role, areas) in [(Role::Engineer, yard()), (Role::Operator, AreaScope::All)] {
        check(park.desk.add_token("li", "li", &token(role, areas)), &PeopleError::BeyondOwner);
    }
    let acts = park.token("li", &token(Role::Operator, yard()));
    let looks = park.token("li", &token(Role::Viewer, yard()));
    let role = |shown: &Credential| park.desk.who(shown).map(|known| known.who.role);
    assert_eq!((role(&acts), role(&looks)), (Some(Role::Operator), Some(Role::Viewer)));
    let name = |shown: &Credential| park.desk.who(shown).unwrap().who.name;
    assert_eq!(name(&acts), name(&looks), "two tokens of one person are one person");
    let less = PersonChange {
        role: Some(Role::Viewer),
        areas: Some(AreaScope::Some([AreaId::new("jetty").unwrap()].into())),
        ..PersonChange::default()
    };
    park.desk.change_person("root", "li", &less).unwrap();
    assert_eq!((role(&acts), role(&looks)), (None, Some(Role::Viewer)));
    let areas = park.desk.who(&looks).unwrap().who.areas;
    assert_eq!(areas, AreaScope::Some([].into()), "an area that the owner lost");
    let park = park.restarted();
    park.wait(24 * 60 * MINUTE_MS);
    assert_eq!(park.desk.who(&looks), None, "it is over");
}

#[test]
fn only_the_owner_takes_a_token_back() {
    let park = park();
    let shown = park.token("li", &token(Role::Viewer, yard()));
    let id = park.desk.tokens("li")[0].id.clone();
    check(park.desk.remove_token("root", &id), &PeopleError::TokenNotFound(id.clone()));
    check(
        park.desk.add_token("li", "li", &token(Role::Viewer, yard())),
        &PeopleError::NameTaken("Viewer".to_owned()),
    );
    park.desk.remove_token("li", &id).unwrap();
    assert!(park.desk.who(&shown).is_none() && park.desk.tokens("li").is_empty());
}

#[test]
fn there_is_always_somebody_who_looks_after_people() {
    let park = park();
    for change in [
        PersonChange { disabled: Some(true), ..PersonChange::default() },
        PersonChange { role: Some(Role::Operator), ..PersonChange::default() },
        PersonChange { areas: Some(yard()), ..PersonChange::default() },
    ] {
        let last = PeopleError::LastAdmin("root".to_owned());
        check(park.desk.change_person("root", "root", &change), &last);
    }
    park.desk.add_person("root", &person("han", Role::Admin, AreaScope::All)).unwrap();
    let gone = PersonChange { disabled: Some(true), ..PersonChange::default() };
    park.desk.change_person("han", "root", &gone).unwrap();
    let taken = PeopleError::NameTaken("root".to_owned());
    check(park.desk.add_person("han", &person("root", Role::Viewer, yard())), &taken);
}

#[test]
fn a_password_changes_with_the_old_one_and_ends_the_other_sessions() {
    let park = park();
    let (here, elsewhere) = (park.session("li"), park.session("li"));
    let change = |old: &str, new: &str| {
        let ask = SignIn { name: secret("li"), password: secret(old), remote: HOME };
        park.desk.change_password(&here, &ask, &secret(new))
    };
    check(change("wrong", "another horse battery"), &PeopleError::SignInRefused);
    check(change(PASSWORD, "short"), &PeopleError::PasswordLength { count: 5 });
    change(PASSWORD, "another horse battery").unwrap();
    assert!(park.desk.who(&here).is_some() && park.desk.who(&elsewhere).is_none());
    check(park.sign_in("li", PASSWORD), &PeopleError::SignInRefused);
    assert!(park.sign_in("li", "another horse battery").is_ok());
    park.desk.reset_password("root", "li", &secret(PASSWORD)).unwrap();
    assert!(park.desk.who(&here).is_none() && park.sign_in("li", PASSWORD).is_ok());
}

#[test]
fn the_first_admin_needs_the_code_and_there_is_one_first_only() {
    let (dir, now_ms) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI64::new(1)));
    let desk = open(&dir, &now_ms);
    let code = desk.setup_code().unwrap().to_owned();
    let root = person("root", Role::Admin, AreaScope::All);
    check(desk.set_up(&secret("guess"), &root, HOME), &PeopleError::SetupRefused);
    let begun = desk.set_up(&secret(&code), &root, HOME).unwrap();
    assert_eq!(begun.known.who.name, "root");
    assert!(desk.who(&Credential::Session(begun.cookie.0)).is_some());
    assert_eq!((desk.setup_needed(), desk.setup_code()), (false, None));
    let second = person("eve", Role::Admin, AreaScope::All);
    check(desk.set_up(&secret(&code), &second, HOME), &PeopleError::SetupRefused);
}

#[test]
fn areas_must_be_the_sites_and_sessions_have_a_limit() {
    let park = park();
    let moon = AreaScope::Some([AreaId::new("moon").unwrap()].into());
    let new = person("han", Role::Operator, moon);
    check(park.desk.add_person("root", &new), &PeopleError::AreaNotFound("moon".to_owned()));
    let first = park.session("li");
    park.wait(1);
    for _ in 0..16 {
        park.session("li");
    }
    assert_eq!(park.desk.who(&first), None, "the oldest gave way");
    assert_eq!(park.desk.persons()[0].sessions, 16);
}
