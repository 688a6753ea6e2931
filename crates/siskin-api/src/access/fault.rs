//! Why somebody was not let in, or may not do what they asked, in both languages.

use axum::http::StatusCode;
use siskin_model::Role;

use crate::people::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PeopleError, TOKEN_DAYS_MAX};
use crate::problem::Kind;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AccessFault {
    #[error(
        "Nobody has signed in. Sign in on the page, or send a token as `Authorization: Bearer`."
    )]
    NotSignedIn,
    #[error(
        "Nobody can sign in yet. Set up the first admin on the page, with the code that the \
         station printed when it started, or with `siskin people add`."
    )]
    SetupNeeded,
    #[error("The session is over. Sign in again.")]
    SessionOver,
    #[error("The token is wrong, over or taken back. Ask its owner for another one.")]
    TokenRefused,
    #[error(
        "The header `x-siskin-csrf` is missing or wrong: the act may come from another site's \
         page. Reload the page and act again."
    )]
    Csrf,
    #[error(
        "A {} may not do this. Ask somebody who may, or an admin for the right.",
        role.as_str()
    )]
    NotAllowed { role: Role },
    #[error(
        "This concerns the whole site, and your account is for some areas. Ask somebody whose \
         account is for all of them."
    )]
    WholeSite,
    #[error("A token may not do this with its owner's account. Sign in on the page.")]
    SessionOnly,
    #[error("The area `{area}` is not one of yours. Ask somebody of that area.")]
    OtherArea { area: String },
    #[error("This route has no rule about who may use it, so nobody may. Tell the maintainers.")]
    NoRule,
    #[error("Too many tries to sign in from this address. Try again in {wait_s} s.")]
    TooFast { wait_s: u64 },
    #[error(
        "`{name}` is no name of an account. Use 1 to 32 of a-z, 0-9, `.`, `_` and `-`, a letter \
         first; how people call them goes into `display`."
    )]
    AccountName { name: String },
    #[error("A token may not hold for {days} days. Choose 1 to {TOKEN_DAYS_MAX}.")]
    Days { days: u32 },
    #[error("`areas` and `whole_site` exclude each other. Send one of them.")]
    AreasTwice,
    #[error("{}", english(.0))]
    People(PeopleError),
}

fn english(error: &PeopleError) -> String {
    match error {
        PeopleError::SignInRefused => {
            "Name or password is wrong, or the account is disabled. Try again, or ask an admin."
                .to_owned()
        }
        PeopleError::Locked { wait_s } => format!(
            "Too many sign-ins with this name failed, so it is locked. Try again in {wait_s} s."
        ),
        PeopleError::SetupRefused => "The code is wrong, or an admin was set up already. Use the \
             code that the station printed when it last started."
            .to_owned(),
        PeopleError::PersonNotFound(name) => {
            format!("There is no person `{name}`. See /api/v1/people.")
        }
        PeopleError::TokenNotFound(id) => format!("You have no token `{id}`. See /api/v1/tokens."),
        PeopleError::NameTaken(name) => format!(
            "The name `{name}` is or was somebody's; it stands in the record. Choose another one."
        ),
        PeopleError::AreaNotFound(id) => format!("There is no area `{id}`. See /api/v1/site."),
        PeopleError::LastAdmin(name) => {
            format!("`{name}` is the last admin for the whole site. Make another admin first.")
        }
        PeopleError::BeyondOwner => {
            "A token may not do more than its owner. Choose a lesser role or fewer areas."
                .to_owned()
        }
        PeopleError::PasswordLength { count } => format!(
            "The password has {count} characters. Use {PASSWORD_CHARS_MIN} to \
             {PASSWORD_CHARS_MAX}; several words are easier to remember than signs."
        ),
        PeopleError::TooMany(most) => {
            format!("There may be {most} of these at most. Take away what nobody uses.")
        }
    }
}

impl From<PeopleError> for AccessFault {
    fn from(error: PeopleError) -> Self {
        Self::People(error)
    }
}

impl AccessFault {
    pub(crate) fn kind(&self) -> Kind {
        const WHO: StatusCode = StatusCode::UNAUTHORIZED;
        const NO: StatusCode = StatusCode::FORBIDDEN;
        match self {
            Self::NotSignedIn => Kind(WHO, "not-signed-in", "Nobody has signed in"),
            Self::SetupNeeded => Kind(WHO, "setup-needed", "Nobody can sign in yet"),
            Self::SessionOver => Kind(WHO, "session-over", "The session is over"),
            Self::TokenRefused => Kind(WHO, "token-refused", "The token is refused"),
            Self::Csrf => Kind(NO, "csrf", "Not shown to be your own act"),
            Self::NotAllowed { .. } => Kind(NO, "not-allowed", "Not allowed"),
            Self::WholeSite => Kind(NO, "whole-site", "It concerns the whole site"),
            Self::SessionOnly => Kind(NO, "session-only", "Not with a token"),
            Self::OtherArea { .. } => Kind(NO, "other-area", "Another area"),
            Self::NoRule => Kind(NO, "no-rule", "No rule for this route"),
            Self::TooFast { .. } => {
                Kind(StatusCode::TOO_MANY_REQUESTS, "too-many-tries", "Too many tries")
            }
            Self::AccountName { .. } | Self::Days { .. } | Self::AreasTwice => {
                Kind(StatusCode::UNPROCESSABLE_ENTITY, "bad-field", "Field does not fit")
            }
            Self::People(error) => kind_of(error),
        }
    }

    /// When it is worth to try again.
    pub(crate) fn wait_s(&self) -> Option<u64> {
        match self {
            Self::TooFast { wait_s } | Self::People(PeopleError::Locked { wait_s }) => {
                Some(*wait_s)
            }
            _ => None,
        }
    }

    pub(crate) fn detail_zh(&self) -> String {
        match self {
            Self::NotSignedIn => {
                "尚未登录。请在监控页面登录，程序请用 Authorization: Bearer 发送令牌。".to_owned()
            }
            Self::SetupNeeded => "尚无任何账号。请在监控页面用监测站启动时显示的设置码建立首个\
                 管理员，或使用 siskin people add。"
                .to_owned(),
            Self::SessionOver => "登录已失效，请重新登录。".to_owned(),
            Self::TokenRefused => "令牌有误、已过期或已收回。请向令牌所有人索取新令牌。".to_owned(),
            Self::Csrf => "请求缺少正确的 x-siskin-csrf 头，可能来自其他网站的页面。\
                 请刷新页面后重新操作。"
                .to_owned(),
            Self::NotAllowed { role } => format!(
                "{}无权进行此操作。请由有权限的人员操作，或向管理员申请权限。",
                role_zh(*role)
            ),
            Self::SessionOnly => "令牌不能操作其所有人的账号，请在监控页面登录后操作。".to_owned(),
            Self::WholeSite => {
                "此项涉及全站，您的账号只限部分区域。请由负责全站的人员办理。".to_owned()
            }
            Self::OtherArea { area } => {
                format!("区域“{area}”不在您的职责范围内。请联系该区域的人员。")
            }
            Self::NoRule => "该接口未规定使用权限，因此一律拒绝。请告知维护人员。".to_owned(),
            Self::TooFast { wait_s } => {
                format!("来自该地址的登录尝试过多，请 {wait_s} 秒后再试。")
            }
            Self::AccountName { name } => format!(
                "“{name}”不能用作账号。账号为 1 至 32 个小写字母、数字、点、下划线或连字符，\
                 以字母开头；姓名请填在 display 中。"
            ),
            Self::Days { days } => {
                format!("令牌有效期不能是 {days} 天，请选 1 至 {TOKEN_DAYS_MAX} 天。")
            }
            Self::AreasTwice => "areas 与 whole_site 不能同时填写，请只填一项。".to_owned(),
            Self::People(error) => chinese(error),
        }
    }
}

fn kind_of(error: &PeopleError) -> Kind {
    const NONE: StatusCode = StatusCode::NOT_FOUND;
    const CLASH: StatusCode = StatusCode::CONFLICT;
    const UNFIT: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    match error {
        PeopleError::SignInRefused => {
            Kind(StatusCode::UNAUTHORIZED, "sign-in-refused", "Not let in")
        }
        PeopleError::Locked { .. } => Kind(StatusCode::TOO_MANY_REQUESTS, "locked", "Locked"),
        PeopleError::SetupRefused => Kind(StatusCode::FORBIDDEN, "setup-refused", "Not set up"),
        PeopleError::PersonNotFound(_) => Kind(NONE, "person-not-found", "No such person"),
        PeopleError::TokenNotFound(_) => Kind(NONE, "token-not-found", "No such token"),
        PeopleError::NameTaken(_) => Kind(CLASH, "name-taken", "The name is taken"),
        PeopleError::AreaNotFound(_) => Kind(UNFIT, "area-not-found", "No such area"),
        PeopleError::LastAdmin(_) => Kind(CLASH, "last-admin", "The last admin"),
        PeopleError::BeyondOwner => Kind(UNFIT, "beyond-owner", "More than its owner may"),
        PeopleError::PasswordLength { .. } => {
            Kind(UNFIT, "password-length", "The password does not fit")
        }
        PeopleError::TooMany(_) => Kind(CLASH, "too-many", "Too many of these"),
    }
}

fn role_zh(role: Role) -> &'static str {
    match role {
        Role::Viewer => "查看者",
        Role::Bureau => "监管部门",
        Role::Operator => "操作员",
        Role::Engineer => "工程师",
        Role::Admin => "管理员",
    }
}

fn chinese(error: &PeopleError) -> String {
    match error {
        PeopleError::SignInRefused => {
            "账号或密码有误，或账号已停用。请重试，或联系管理员。".to_owned()
        }
        PeopleError::Locked { wait_s } => {
            format!("该账号登录失败次数过多，已锁定。请 {wait_s} 秒后再试。")
        }
        PeopleError::SetupRefused => {
            "设置码有误，或首个管理员已建立。请使用监测站最近一次启动时显示的设置码。".to_owned()
        }
        PeopleError::PersonNotFound(name) => {
            format!("没有账号“{name}”。全部账号见 /api/v1/people。")
        }
        PeopleError::TokenNotFound(id) => {
            format!("您没有编号为“{id}”的令牌。全部令牌见 /api/v1/tokens。")
        }
        PeopleError::NameTaken(name) => {
            format!("账号“{name}”已被使用或曾被使用，记录中以此为准。请另选一个。")
        }
        PeopleError::AreaNotFound(id) => format!("没有区域“{id}”。全部区域见 /api/v1/site。"),
        PeopleError::LastAdmin(name) => {
            format!("“{name}”是最后一名全站管理员。请先设立另一名管理员。")
        }
        PeopleError::BeyondOwner => {
            "令牌的权限不能超过其所有人。请选择较低的角色或较少的区域。".to_owned()
        }
        PeopleError::PasswordLength { count } => format!(
            "密码共 {count} 个字符，应为 {PASSWORD_CHARS_MIN} 至 {PASSWORD_CHARS_MAX} 个。\
             几个词连在一起比符号更好记。"
        ),
        PeopleError::TooMany(most) => format!("最多只能有 {most} 个。请先清理不用的。"),
    }
}

/// The fault of a token that shall hold too long or not at all.
pub(crate) fn days(days: u32) -> Result<u32, AccessFault> {
    if (1..=TOKEN_DAYS_MAX).contains(&days) {
        return Ok(days);
    }
    Err(AccessFault::Days { days })
}
