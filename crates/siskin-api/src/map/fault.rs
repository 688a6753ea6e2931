//! Why there is no map file, or no such part of it, in both languages.

use axum::http::StatusCode;

use crate::problem::Kind;

/// Why a part of the map's file is not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapFault {
    /// The site names none.
    #[error("This site has no map file. Name one in [map] of site.toml.")]
    NoFile,
    /// It is not there, or not what it should be.
    #[error("The map file cannot be used: {0}. `siskin check` says more.")]
    Unusable(String),
    /// What was asked for lies behind its end.
    #[error("The map file has {bytes} bytes. Ask for a range within them.")]
    Beyond {
        /// How long it is.
        bytes: u64,
    },
}

impl MapFault {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::NoFile => Kind(StatusCode::NOT_FOUND, "no-map-file", "No map file"),
            Self::Unusable(_) => {
                Kind(StatusCode::SERVICE_UNAVAILABLE, "map-file-unusable", "Unusable map file")
            }
            Self::Beyond { .. } => {
                Kind(StatusCode::RANGE_NOT_SATISFIABLE, "range-beyond", "Range beyond the end")
            }
        }
    }

    pub(crate) fn detail_zh(&self) -> String {
        match self {
            Self::NoFile => "本站点没有底图文件。请在 site.toml 的 [map] 中指定。".to_owned(),
            Self::Unusable(why) => {
                format!("底图文件无法使用（原因：{why}）。请运行 siskin check 查看详情。")
            }
            Self::Beyond { bytes } => {
                format!("底图文件共 {bytes} 字节，请求的范围超出文件末尾。请在此范围内请求。")
            }
        }
    }
}
