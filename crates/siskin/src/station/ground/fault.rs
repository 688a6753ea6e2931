//! Why a map file cannot be used, and where it lies instead of below the park, in both languages.

use std::io;
use std::path::Path;

use siskin_model::Text;

use super::header::Bounds;
use super::{FILE_BYTES_MAX, HEADER_BYTES};

/// Why a map file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum GroundFault {
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    #[error("it is a folder or a device, not a file")]
    NoFile,
    #[error("it has {bytes} bytes, less than the {HEADER_BYTES} of a header")]
    Short { bytes: u64 },
    #[error("it has {bytes} bytes, more than {FILE_BYTES_MAX}")]
    Large { bytes: u64 },
    #[error("it does not begin as a PMTiles file does")]
    NoPmtiles,
    #[error("it is PMTiles version {0}, not 3")]
    Version(u8),
    #[error("its header tells of more than its {bytes} bytes")]
    Torn { bytes: u64 },
    #[error("its header contradicts itself")]
    Damaged,
    #[error("it holds pictures, not vector tiles")]
    NoVectors,
    #[error("it is compressed by other than gzip")]
    Compression,
}

impl GroundFault {
    /// What is wrong with the file at `path`, and what to do.
    pub(super) fn text(&self, path: &Path) -> Text {
        let file = path.display();
        let (zh, hint) = self.words();
        Text::new(
            format!("底图文件 `{file}` 无法使用：{zh}"),
            format!("the map file `{file}` cannot be used: {self}; hint: {hint}"),
        )
    }

    /// The same in Chinese, and the hint in English.
    fn words(&self) -> (String, &'static str) {
        const AGAIN: &str = "copy the file again, or cut it again (docs/map.md)";
        match self {
            Self::Unreadable(error) => (
                format!("读不了（{error}）；请检查路径和读取权限"),
                "check its path, from the site's folder on, and its rights",
            ),
            Self::NoFile => ("不是文件；请检查路径".to_owned(), "name the file itself"),
            Self::Short { bytes } => (format!("只有 {bytes} 字节；请重新复制或裁剪"), AGAIN),
            Self::Large { bytes } => (
                format!("有 {bytes} 字节，超过上限 {FILE_BYTES_MAX}；请只裁剪园区附近"),
                "cut the surroundings of the park only (docs/map.md)",
            ),
            Self::NoPmtiles => ("不是 PMTiles 文件；请检查路径".to_owned(), AGAIN),
            Self::Version(version) => (
                format!("是第 {version} 版 PMTiles，需要第 3 版；请用 pmtiles convert 转换"),
                "turn it into version 3 with `pmtiles convert`",
            ),
            Self::Torn { bytes } => {
                (format!("文件头所述超出其 {bytes} 字节，文件不完整；请重新复制"), AGAIN)
            }
            Self::Damaged => ("文件头自相矛盾；请重新复制或裁剪".to_owned(), AGAIN),
            Self::NoVectors => (
                "其中是图片而不是矢量瓦片；请用矢量底图".to_owned(),
                "take a vector map with the layers of Protomaps or OpenMapTiles (docs/map.md)",
            ),
            Self::Compression => (
                "压缩方式不是 gzip；请重新生成".to_owned(),
                "make it again with gzip, as `pmtiles extract` keeps it",
            ),
        }
    }
}

/// A file that lies elsewhere than the park.
pub(super) fn elsewhere(path: &Path, bounds: &Bounds) -> Text {
    let file = path.display();
    let Bounds { west, south, east, north } = bounds;
    Text::new(
        format!(
            "底图文件 `{file}` 的范围（{west:.4},{south:.4},{east:.4},{north:.4}）没有包含整个\
             园区；请核对 [origin]（WGS-84，不是 GCJ-02），或重新裁剪"
        ),
        format!(
            "the map file `{file}` covers {west:.4},{south:.4},{east:.4},{north:.4} and not the \
             whole park; hint: compare [origin] (WGS-84, not GCJ-02), or cut the file again"
        ),
    )
}
