# Every command sets up what it needs, shows what it does and never asks. `make` alone lists them.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
ifeq ($(PYTHON),)
PYTHON := python3
endif
VENV := .venv/bin
PREPARE := $(PYTHON) scripts/prepare.py
PORT ?= 8000
COMPANY ?= demo
.DEFAULT_GOAL := help
.PHONY: help demo test lint fmt types assets bench docs screenshots wheel lock clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

demo: ## the web app with a demo company: PORT=8000, COMPANY=demo|internet_tob|pharma|saas|finance|maven
	@$(PREPARE) base assets
	@WUBU_HOME="$${WUBU_HOME:-var/$(COMPANY)}" exec $(VENV)/wubu demo --company $(COMPANY) --port $(PORT)

test: ## lint, types, layers, scripts, the suite on SQLite and PostgreSQL, the browser journeys; ONLY=name,name for some
	@$(PREPARE) dev tools assets
	@$(VENV)/python scripts/test.py $(if $(ONLY),--only $(ONLY))

lint: ## only the fast checks: ruff, djlint, layers, eslint
	@$(PREPARE) dev tools
	@$(VENV)/python scripts/test.py --only ruff,format,djlint,layers,eslint

types: ## only mypy and tsc
	@$(PREPARE) dev tools
	@$(VENV)/python scripts/test.py --only types,scripts

fmt: ## format Python and what ruff can mend by itself
	@$(PREPARE) dev
	@$(VENV)/ruff format . && $(VENV)/ruff check --fix .

assets: ## what browsers load, from package-lock.json to wubu/web/static/vendor
	@$(PREPARE) base assets

bench: ## speed beside the raw-SQL floor: SIZE=S|M|L
	@$(PREPARE) dev assets
	@$(VENV)/python -m tests.bench $(if $(SIZE),--size $(SIZE))

screenshots: ## pictures of every page, both languages, wide and phone, to var/screenshots; those of README to docs/images
	@$(PREPARE) dev assets
	@$(VENV)/python -m scripts.screenshots
	@$(VENV)/python -m scripts.pictures

docs: ## the reference pages that are made from the code
	@$(PREPARE) dev
	@$(VENV)/python scripts/docs.py

wheel: ## dist/wubu-*.whl with everything that browsers load
	@$(PREPARE) dev assets
	@rm -rf build dist
	@$(VENV)/python -m build --wheel --no-isolation --outdir dist . > /dev/null && ls -l dist

lock: ## requirements/*.txt and package-lock.json anew (needs uv and npm)
	@for name in base dev node; do uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-emit-find-links requirements/$$name.in -o requirements/$$name.txt; done
	@npm update --package-lock-only

clean: ## remove what these commands made, except the company's data in var/
	rm -rf .venv node_modules build dist *.egg-info wubu/web/static/vendor .mypy_cache .ruff_cache .pytest_cache
