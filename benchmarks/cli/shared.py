"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

Several = Annotated[list[str] | None, typer.Option(help="repeat for several")]
Out = Annotated[Path, typer.Option(help="folder of the reports")]
Port = Annotated[int, typer.Option(min=1, max=65_535)]
TodosPerUser = Annotated[int, typer.Option(help="how many todos each")]
PayloadBytes = Annotated[int, typer.Option(help="size of a todo's text")]
Writes = Annotated[float, typer.Option(help="share of writes, 0.1 for 10 %")]
Seed = Annotated[int, typer.Option(help="draws the data and the order")]
RunDir = Annotated[Path, typer.Argument(help="such as reports/latest")]
