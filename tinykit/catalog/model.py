"""What ``models/catalog.toml`` says, as typed values."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_FILE = r"[A-Za-z0-9][A-Za-z0-9._-]*"
Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]


class CatalogModel(BaseModel):
    """A model: one ``[[model]]`` of a catalogue.

    Attributes:
        name: what it is called on the command line.
        title: one line for people.
        task: what it does ("keyword spotting").
        origin: project it comes from.
        licence: SPDX identifier.
        file: name of the .tflite file.
        folder: where a local source keeps the file, below its top.
        bundled: path of the file below ``models/``, for models that come with tinykit; others have ``urls``.
        urls: where the file can be had, tried in this order.
        sha256: of the file; without it a download is not verified, and only made when that is asked for.
        size: of the file, in bytes.
        input, output: type, shape and meaning.
        metric: how its quality is measured, and what it reaches, if that is known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    task: str
    origin: str
    licence: str
    file: str = Field(pattern=rf"^{_FILE}\.tflite$")
    folder: str | None = Field(default=None, pattern=rf"^{_FILE}$")
    bundled: str | None = Field(default=None, pattern=rf"^{_FILE}/{_FILE}\.tflite$")
    urls: tuple[Url, ...] = ()
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    size: int | None = Field(default=None, gt=0, le=1 << 28)
    input: str
    output: str
    metric: str

    @model_validator(mode="after")
    def _check_source(self) -> CatalogModel:
        if (self.bundled is None) == (not self.urls):
            raise ValueError("needs either bundled or urls")
        if self.bundled is not None and self.sha256 is None:
            raise ValueError("a bundled model needs its sha256")
        return self


class Catalog(BaseModel):
    """A catalogue: all of its models."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: tuple[CatalogModel, ...] = Field(min_length=1)

    @field_validator("model")
    @classmethod
    def _check_names(cls, models: tuple[CatalogModel, ...]) -> tuple[CatalogModel, ...]:
        names = [model.name for model in models]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two models of one name: {', '.join(twice)}")
        return models
