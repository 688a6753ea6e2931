//! How long a certificate is still good for, and what people are told of it.

use siskin_api::Validity;
use siskin_model::{Text, Timestamp};

/// From this long before its end on a certificate wants to be renewed.
const RENEW_BEFORE_MS: i64 = 30 * DAY_MS;
const DAY_MS: i64 = 86_400_000;

/// What a certificate is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Good,
    ExpiresSoon,
    Expired,
    NotYetValid,
}

impl Standing {
    pub(super) fn of(validity: Validity, now: Timestamp) -> Self {
        if now > validity.not_after {
            Self::Expired
        } else if now < validity.not_before {
            Self::NotYetValid
        } else if validity.not_after.since_ms(now) < RENEW_BEFORE_MS {
            Self::ExpiresSoon
        } else {
            Self::Good
        }
    }

    /// Its word in the API.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::ExpiresSoon => "expires-soon",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
        }
    }

    /// What is to be done; none while all is well.
    pub(super) fn note(self, validity: Validity, now: Timestamp, offset_s: i32) -> Option<Text> {
        let until = validity.not_after.rfc3339(offset_s);
        match self {
            Self::Good => None,
            Self::ExpiresSoon => {
                let days = validity.not_after.since_ms(now) / DAY_MS;
                Some(Text::new(
                    format!(
                        "监测站的证书还有 {days} 天到期（{until}）；到期后所有边缘网关和浏览器都\
                         连不上，请更换证书文件，无需重启"
                    ),
                    format!(
                        "the station's certificate expires in {days} days ({until}); then no edge \
                         gateway and no browser connects any more; \
                         hint: replace its files, no restart is needed"
                    ),
                ))
            }
            Self::Expired => Some(Text::new(
                format!(
                    "监测站的证书已于 {until} 到期，边缘网关和浏览器不再接受；\
                     请立即更换证书文件，无需重启"
                ),
                format!(
                    "the station's certificate expired at {until}: edge gateways and browsers \
                     refuse it; hint: replace its files now, no restart is needed"
                ),
            )),
            Self::NotYetValid => {
                let from = validity.not_before.rfc3339(offset_s);
                Some(Text::new(
                    format!("监测站的证书从 {from} 起才有效；请检查本机时钟和证书"),
                    format!(
                        "the station's certificate is valid only from {from} on; \
                         hint: look at this machine's clock and at the certificate"
                    ),
                ))
            }
        }
    }
}

/// Tells the log, at the start and whenever it changes.
pub(super) fn log(standing: Standing, validity: Validity) {
    let Validity { not_before, not_after } = validity;
    match standing {
        Standing::Good => tracing::info!(%not_after, "the station's certificate is good"),
        Standing::ExpiresSoon => {
            tracing::warn!(%not_after, "the station's certificate expires soon; hint: renew it");
        }
        Standing::Expired => tracing::error!(
            %not_after,
            "the station's certificate is expired: edge gateways and browsers refuse it; \
             hint: replace its files now, no restart is needed"
        ),
        Standing::NotYetValid => tracing::error!(
            %not_before,
            "the station's certificate is not valid yet; hint: look at this machine's clock"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END_MS: i64 = 1_000 * DAY_MS;

    fn check(now_ms: i64, want: Standing, told: &[&str]) {
        let validity = Validity {
            not_before: Timestamp::from_millis(0),
            not_after: Timestamp::from_millis(END_MS),
        };
        let now = Timestamp::from_millis(now_ms);
        let found = Standing::of(validity, now);
        assert_eq!(found, want, "at {now_ms}");
        let note = found.note(validity, now, 0);
        assert_eq!(note.is_some(), !told.is_empty(), "{note:?}");
        for word in told {
            let note = note.as_ref().unwrap();
            assert!(note.en.contains(word) || note.zh.contains(word), "{word} in {note:?}");
        }
    }

    #[test]
    fn the_end_is_told_thirty_days_before_it() {
        check(-1, Standing::NotYetValid, &["1970-01-01T00:00:00", "hint: look at this", "时钟"]);
        check(0, Standing::Good, &[]);
        check(END_MS - RENEW_BEFORE_MS, Standing::Good, &[]);
        check(END_MS - RENEW_BEFORE_MS + 1, Standing::ExpiresSoon, &["in 29 days", "29 天到期"]);
        check(END_MS - 1, Standing::ExpiresSoon, &["in 0 days", "hint: replace its files"]);
        check(END_MS, Standing::ExpiresSoon, &["in 0 days"]);
        check(
            END_MS + 1,
            Standing::Expired,
            &["1972-09-27", "hint: replace its files now", "立即"],
        );
    }
}
