"""How each operator of `combine` types its streams; `table` names them all."""
