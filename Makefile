# Front door: every target makes the environment first, then calls `python -m crm`.

PYTHON := .venv/bin/python
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run stop admin test check matrix journeys bench lock assets doctor environment

help:
	@echo "make run       start the CRM here: http://127.0.0.1:8000 (PORT=... to change)"
	@echo "make stop      stop the CRM started in this folder"
	@echo "make admin     add an administrator, or let one in again"
	@echo "make test      the gate and the whole suite"
	@echo "make check     the gate alone: style, types, layers, migrations, messages, sizes"
	@echo "make matrix    the permission matrix"
	@echo "make journeys  the journeys in a real browser"
	@echo "make bench     the measured pages on generated data"
	@echo "make lock      resolve requirements.lock anew"
	@echo "make doctor    what this machine has and lacks"

run:
	@exec scripts/bootstrap.sh up $(ARGS)

stop:
	@exec scripts/bootstrap.sh down

admin:
	@exec scripts/bootstrap.sh manage createadmin

test:
	@exec scripts/bootstrap.sh test $(ARGS)

check:
	@exec scripts/bootstrap.sh check $(ARGS)

matrix:
	@exec scripts/bootstrap.sh matrix $(ARGS)

journeys:
	@exec scripts/bootstrap.sh journeys $(ARGS)

bench:
	@exec scripts/bootstrap.sh bench $(ARGS)

assets:
	@exec scripts/bootstrap.sh assets $(ARGS)

doctor:
	@exec scripts/bootstrap.sh doctor

environment:
	@exec scripts/bootstrap.sh

lock:
	@exec scripts/lock.sh
