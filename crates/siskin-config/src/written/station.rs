//! `[station]` as written: where the page and the API are served, and with which certificate.

use std::net::SocketAddr;

use crate::StationTls;
use crate::fields::{Fields, FromNode};
use crate::node::Node;
use crate::problems::Problems;
use crate::sources::At;

/// `[station]`.
#[derive(Debug)]
pub(crate) struct WrittenStation {
    pub(crate) listen: At<SocketAddr>,
    pub(crate) tls: Option<StationTls>,
}

impl FromNode for WrittenStation {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "[station]", problems)?;
        let listen = fields.required("listen", problems);
        let has_tls = fields.has("tls");
        let tls: Option<StationTls> = fields.optional("tls", problems);
        fields.finish(problems);
        // Written wrongly is never the same as not written: that would be plain HTTP.
        (tls.is_some() == has_tls).then_some(Self { listen: listen?, tls })
    }
}

impl FromNode for StationTls {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "[station.tls]", problems)?;
        let certificate = fields.required("certificate", problems);
        let key = fields.required("key", problems);
        fields.finish(problems);
        Some(Self { certificate: certificate?, key: key? })
    }
}
