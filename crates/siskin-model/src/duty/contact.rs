//! An entry of the contact book.

use serde::{Deserialize, Serialize};

use crate::ContactId;

/// The longest name, organisation, telephone number, address or account name, in characters.
pub const TEXT_LEN_MAX: usize = 100;
/// The longest note, in characters.
pub const NOTE_LEN_MAX: usize = 1_000;
/// The most telephone numbers of one contact.
pub const PHONES_MAX: usize = 8;

/// Somebody who can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Its id; never given to somebody else.
    pub id: ContactId,
    /// What people call them.
    pub name: String,
    /// Where they belong; may be empty.
    pub organisation: String,
    /// Telephone numbers, the first one first.
    pub phones: Vec<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Anything else; may be empty.
    pub note: String,
    /// The name of their account at the station.
    pub account: Option<String>,
}

/// Why a contact cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContactFault {
    /// A text that must be there is not.
    #[error("`{0}` is empty; hint: fill it in, or leave it out where it may be absent")]
    Empty(&'static str),
    /// A text is too long.
    #[error("`{field}` has {count} characters, more than {max}; hint: shorten it")]
    TooLong {
        /// Of which field.
        field: &'static str,
        /// How many it has.
        count: usize,
        /// How many it may have.
        max: usize,
    },
    /// A character that nobody can see.
    #[error("`{0}` has a character that cannot be seen; hint: type it anew, without line breaks")]
    Hidden(&'static str),
    /// Not a telephone number.
    #[error(
        "`{0}` is not a telephone number; hint: digits, spaces and `+ - ( ) # * ,` only, \
         for example `+86 512 8888 8888` or `8101`"
    )]
    Phone(String),
    /// Not an address.
    #[error("`{0}` is not an e-mail address; hint: write it like `name@park.example`")]
    Email(String),
    /// Too many numbers.
    #[error("{0} telephone numbers are more than {PHONES_MAX}; hint: keep those that are answered")]
    Phones(usize),
    /// There is no way to reach them.
    #[error("there is no telephone number and no e-mail; hint: fill in one of them at least")]
    Unreachable,
}

impl ContactFault {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Empty(field) => format!("“{field}”为空；提示：请填写，可不填的项请整项省略"),
            Self::TooLong { field, count, max } => {
                format!("“{field}”有 {count} 个字符，超过 {max} 个；提示：请缩短")
            }
            Self::Hidden(field) => {
                format!("“{field}”中含有不可见字符；提示：请重新输入，不要换行")
            }
            Self::Phone(phone) => {
                format!("“{phone}”不是电话号码；提示：只能含数字、空格和 + - ( ) # * ,，例如 8101")
            }
            Self::Email(email) => {
                format!("“{email}”不是电子邮箱；提示：形如 name@park.example")
            }
            Self::Phones(count) => {
                format!("电话号码有 {count} 个，超过 {PHONES_MAX} 个；提示：只留能接通的")
            }
            Self::Unreachable => "电话和电子邮箱都没有；提示：至少填写一种联系方式".to_owned(),
        }
    }
}

impl Contact {
    /// Whether it can be kept: texts within their lengths, and a way to reach the person.
    pub fn check(&self) -> Result<(), ContactFault> {
        text("name", &self.name, TEXT_LEN_MAX)?;
        if self.name.trim().is_empty() {
            return Err(ContactFault::Empty("name"));
        }
        text("organisation", &self.organisation, TEXT_LEN_MAX)?;
        text("note", &self.note, NOTE_LEN_MAX)?;
        if self.phones.len() > PHONES_MAX {
            return Err(ContactFault::Phones(self.phones.len()));
        }
        for phone in &self.phones {
            text("phones", phone, TEXT_LEN_MAX)?;
            if !is_phone(phone) {
                return Err(ContactFault::Phone(phone.clone()));
            }
        }
        for (field, value) in [("email", &self.email), ("account", &self.account)] {
            let Some(value) = value else {
                continue;
            };
            text(field, value, TEXT_LEN_MAX)?;
            if value.trim().is_empty() {
                return Err(ContactFault::Empty(field));
            }
        }
        if let Some(email) = self.email.as_ref().filter(|email| !is_email(email)) {
            return Err(ContactFault::Email(email.clone()));
        }
        if self.phones.is_empty() && self.email.is_none() {
            return Err(ContactFault::Unreachable);
        }
        Ok(())
    }
}

fn text(field: &'static str, text: &str, max: usize) -> Result<(), ContactFault> {
    let count = text.chars().count();
    if count > max {
        return Err(ContactFault::TooLong { field, count, max });
    }
    if text.chars().any(is_hidden) {
        return Err(ContactFault::Hidden(field));
    }
    Ok(())
}

/// Control characters, zero-width spaces and marks that turn the writing direction: a name could
/// read as another one.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{FEFF}')
        || ('\u{2028}'..='\u{202E}').contains(&c)
        || ('\u{2060}'..='\u{2069}').contains(&c)
}

fn is_phone(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || " +-()#*,".contains(c))
}

fn is_email(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && !part.chars().any(char::is_whitespace);
    text.split_once('@').is_some_and(|(who, host)| part(who) && part(host) && !host.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact() -> Contact {
        Contact {
            id: ContactId::new("li-lei").unwrap(),
            name: "李雷".to_owned(),
            organisation: String::new(),
            phones: vec!["+86 512 8888-8101".to_owned()],
            email: None,
            note: String::new(),
            account: None,
        }
    }

    fn check(change: impl FnOnce(&mut Contact), expected: Result<(), ContactFault>) {
        let mut changed = contact();
        change(&mut changed);
        assert_eq!(changed.check().err(), expected.err(), "{changed:?}");
    }

    #[test]
    fn a_contact_is_somebody_who_can_be_reached() {
        check(|_| {}, Ok(()));
        check(|c| c.phones.clear(), Err(ContactFault::Unreachable));
        check(
            |c| {
                c.phones.clear();
                c.email = Some("li@park.example".to_owned());
            },
            Ok(()),
        );
        check(|c| c.name = " ".to_owned(), Err(ContactFault::Empty("name")));
        check(|c| c.name = "李\u{202E}雷".to_owned(), Err(ContactFault::Hidden("name")));
        check(|c| c.note = "a\nb".to_owned(), Err(ContactFault::Hidden("note")));
        check(|c| c.account = Some(String::new()), Err(ContactFault::Empty("account")));
        check(|c| c.phones = vec!["8101".to_owned(); 9], Err(ContactFault::Phones(9)));
        for wrong in ["call me", "+", ""] {
            let expected = Err(ContactFault::Phone(wrong.to_owned()));
            check(|c| c.phones = vec![wrong.to_owned()], expected);
        }
        for wrong in ["li", "@park", "li@", "li @park", "a@b@c"] {
            let expected = Err(ContactFault::Email(wrong.to_owned()));
            check(|c| c.email = Some(wrong.to_owned()), expected);
        }
        let long = ContactFault::TooLong { field: "name", count: 101, max: 100 };
        check(|c| c.name = "雷".repeat(101), Err(long));
    }
}
