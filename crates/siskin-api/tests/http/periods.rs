//! Reports of a shift, a day or a month: figures, or a document.

use axum::http::StatusCode;

use crate::ask::{ask, get};
use crate::fake::Station;
use crate::problems::check;

const PATH: &str = "/api/v1/reports/periods";

#[tokio::test]
async fn the_same_question_gives_figures_or_a_document() {
    let station = Station::new();
    let figures = ask(&station.router, get(&format!("{PATH}?kind=day&at=2026-11-28"))).await;
    assert_eq!((figures.status, &figures.json()["kind"]), (StatusCode::OK, &"day".into()));
    for (format, media_type, text) in [
        ("pdf", "application/pdf", "Pdf"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Docx"),
    ] {
        let made = ask(&station.router, get(&format!("{PATH}?kind=month&format={format}"))).await;
        assert_eq!((made.status, made.text.as_str()), (StatusCode::OK, text));
        assert_eq!(made.header("content-type"), media_type);
        let name = format!("attachment; filename=\"report.{format}\"");
        assert_eq!(made.header("content-disposition"), name);
    }
}

#[tokio::test]
async fn what_is_no_time_is_refused() {
    let station = Station::new();
    let wrong = ["", "?kind=week", "?kind=day&at=x", "?kind=day&at=2099-01-01", "?kind=day&to=1"];
    for query in wrong {
        check(&ask(&station.router, get(&format!("{PATH}{query}"))).await, 400, "bad-query");
    }
    let nobody = ask(&station.router, get(&format!("{PATH}?kind=shift"))).await;
    check(&nobody, 404, "no-shift");
}
