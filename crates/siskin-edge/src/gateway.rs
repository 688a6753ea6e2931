//! What of a site is this gateway's: its analyzers and their channels.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::ensure;
use siskin_config::Settings;
use siskin_model::Site;
use siskin_wire::DeviceProfile;

/// `site` as seen from the gateway `edge`: its own analyzers are read here, all others elsewhere.
/// Places of analyzers and channels stay what they are.
pub(crate) fn own_site(site: &Site, edge: &str) -> anyhow::Result<Site> {
    ensure!(
        site.edges.iter().any(|known| known.id == edge),
        "the site has no edge `{edge}`; hint: add `[[edge]]` with this id to site.toml"
    );
    let mut own = site.clone();
    // Two sessions of one name would throw each other out for ever.
    if let Some(broker) = &mut own.broker {
        broker.client_id = format!("{}-{edge}", broker.client_id);
        broker.sparkplug_host = format!("{}-{edge}", broker.sparkplug_host);
    }
    for analyzer in &mut own.analyzers {
        analyzer.edge = match analyzer.edge.as_deref() {
            Some(reader) if reader == edge => None,
            // The station is "elsewhere" as well.
            other => Some(other.unwrap_or("station").to_owned()),
        };
    }
    ensure!(
        own.analyzers.iter().any(|analyzer| analyzer.edge.is_none()),
        "no analyzer is read by `{edge}`; hint: write `edge = \"{edge}\"` into its analyzers"
    );
    Ok(own)
}

/// The token of `edge`.
pub(crate) fn token(site: &Site, edge: &str) -> anyhow::Result<String> {
    let known = site.edges.iter().find(|known| known.id == edge);
    known.and_then(|known| known.token.clone()).ok_or_else(|| {
        anyhow::anyhow!(
            "edge `{edge}` has no token; hint: `token` in `[[edge]]` or the environment"
        )
    })
}

/// The profiles of what is read here. The rest of the settings ends with this: the catalogue has
/// hundreds of points that a small gateway need not hold.
pub(crate) fn own_profiles(settings: Settings, own: &Site) -> BTreeMap<String, DeviceProfile> {
    let read = own.analyzers.iter().filter(|analyzer| analyzer.edge.is_none());
    let used: BTreeSet<_> = read.map(|analyzer| analyzer.profile.as_str()).collect();
    let mut profiles = settings.profiles;
    profiles.retain(|id, _| used.contains(id.as_str()));
    profiles
}

/// Channels read here.
pub(crate) fn channel_count(own: &Site) -> usize {
    let is_own = |at: usize| own.analyzers.get(at).is_some_and(|a| a.edge.is_none());
    own.channels.iter().filter(|channel| is_own(channel.analyzer)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_the_site_does_not_know_reads_nothing() {
        let inputs = crate::files::site(
            std::path::Path::new(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../firmware-configs/sites/demo-park"
            )),
            None,
        );
        let settings = siskin_config::load(&inputs.unwrap()).unwrap();
        let mut site = settings.site.clone();
        let error = own_site(&site, "gw-1").unwrap_err().to_string();
        assert!(error.contains("no edge `gw-1`; hint:"), "{error}");
        let (id, token) = ("gw-1".to_owned(), None);
        site.edges.push(siskin_model::site::EdgeGateway { id, token });
        let error = own_site(&site, "gw-1").unwrap_err().to_string();
        assert!(error.contains("no analyzer is read by `gw-1`; hint:"), "{error}");
        site.analyzers[0].edge = Some("gw-1".into());
        let own = own_site(&site, "gw-1").unwrap();
        let here = own.analyzers.iter().filter(|a| a.edge.is_none()).count();
        assert_eq!((here, own.analyzers.len()), (1, site.analyzers.len()));
        assert_eq!(own_profiles(settings, &own).len(), 1, "only what is read");
        let of_first = site.channels.iter().filter(|c| c.analyzer == 0).count();
        assert_eq!(channel_count(&own), of_first);
        assert!(super::token(&site, "gw-1").is_err());
    }
}
