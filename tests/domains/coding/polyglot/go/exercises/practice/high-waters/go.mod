module highwaters

go 1.18
