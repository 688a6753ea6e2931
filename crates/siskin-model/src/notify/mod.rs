//! Messages: who is told of a warning, by which way, and what is known of it since.
//!
//! Pure: moments are arguments. A [`Message`] is what is said of one transition of a warning; a
//! [`Delivery`] is that message for one recipient, with its way from queued to accepted. Carries
//! invariant 4: the key of a delivery is made of recipient and transition, so that what is sent
//! twice can be taken once. Must never decide that somebody need not be told because a message to
//! them failed.
//!
//! [`message`], [`recipient`] and [`ways`] are the words, [`routing`] says who is told,
//! [`delivery`] is the table of states, [`retry`] says when to try again.

pub mod delivery;
pub mod late;
pub mod message;
pub mod recipient;
pub mod retry;
pub mod routing;
pub mod template;
pub mod ways;

pub use delivery::{Delivery, DeliveryState, Happened, Receipt};
pub use message::{Call, Corrected, Course, Geo, Message, MessageKind, Named, Said, Show};
pub use recipient::{
    CapProfile, Hours, Language, National, Notify, OnDuty, Recipient, RecipientKind, Robot, Secret,
    Tls, Way,
};
pub use retry::{Next, RetryPolicy};
pub use routing::{Candidate, Transition, kind_for, route};
pub use template::Template;
pub use ways::{
    BodyType, Feedback, Gateway, GatewayKind, Mail, MailEncryption, Method, Mqtt, Siren, SirenOff,
    Taken,
};
