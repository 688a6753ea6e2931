//! The ground of the world below the park: it needs to know where the park is.

use crate::SiteMap;
use crate::problems::{Draft, Problems};
use crate::sources::Sources;
use crate::written::site::WrittenSite;

/// Without an origin the park lies nowhere, and no ground of the world may lie below it.
pub(super) fn check(site: Option<&WrittenSite>, problems: &mut Problems) {
    let map = site.and_then(|site| site.map.as_ref());
    let Some(map) = map.filter(|map| !map.has_origin) else { return };
    let message = "a map file needs to know where the park is, and the site has no [origin]";
    let hint = "add [origin] with `latitude_deg` and `longitude_deg` in WGS-84";
    problems.add(Draft::new(message, hint).at(map.pmtiles.place, "lies below nothing"));
}

/// The map as used, with the place that names its file.
pub(crate) fn used(site: Option<&WrittenSite>, sources: &Sources) -> Option<SiteMap> {
    let map = site?.map.as_ref()?;
    let place = map.pmtiles.place;
    let (line, column) = sources.line_column(place);
    let file = sources.get(place.file).map_or("site.toml", |file| file.path.as_str());
    Some(SiteMap {
        pmtiles: map.pmtiles.value.clone(),
        attribution: map.attribution.clone(),
        named_at: format!("{file}:{line}:{column}"),
    })
}
