//! The font of reports: a file of the machine, because none is ours to give away with the program.

use std::fs;

use siskin_config::ReportOffice;
use siskin_report::{Font, FontError};

/// Where packages put fonts with Chinese characters; the first that is there is taken.
const USUAL: [&str; 6] = [
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
];
/// The largest file that is read as a font.
const BYTES_MAX: u64 = 64 << 20;

/// Why there is no font.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FontMissing {
    /// None of the usual ones is installed.
    #[error(
        "no font with Chinese characters was found; hint: install `fonts-wqy-microhei`, or name a \
         font in site.toml: `[incidents] report_font`"
    )]
    None,
    /// The one that was named or found cannot be read.
    #[error("cannot read the font `{path}`: {source}; hint: check the path and its rights")]
    Unreadable {
        /// Its path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is too large to be one.
    #[error("`{0}` is larger than 64 MiB; hint: name a font file")]
    TooLarge(String),
    /// It is no font for reports.
    #[error("`{path}`: {source}")]
    Unfit {
        /// Its path.
        path: String,
        /// Why.
        source: FontError,
    },
}

/// The font that the site names, or the first usual one.
pub(crate) fn load(office: &ReportOffice) -> Result<Font, FontMissing> {
    let usual = || USUAL.into_iter().find(|path| fs::exists(path).unwrap_or(false));
    let path = office.font.as_deref().or_else(usual).ok_or(FontMissing::None)?;
    let unreadable = |source| FontMissing::Unreadable { path: path.to_owned(), source };
    if fs::metadata(path).map_err(unreadable)?.len() > BYTES_MAX {
        return Err(FontMissing::TooLarge(path.to_owned()));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    Font::new(bytes).map_err(|source| FontMissing::Unfit { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_font_that_cannot_be_used_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let fake = folder.path().join("fake.ttf");
        fs::write(&fake, b"no font").unwrap();
        let check = |path: &str, part: &str| {
            let office = ReportOffice { font: Some(path.to_owned()), ..ReportOffice::default() };
            let text = load(&office).unwrap_err().to_string();
            assert!(text.contains(part) && text.contains("hint: "), "{text}");
        };
        check(folder.path().join("gone.ttf").to_str().unwrap(), "cannot read the font");
        check(fake.to_str().unwrap(), "cannot be read");
    }
}
