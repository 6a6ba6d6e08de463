# Each target is a script of .ci/ that works without make too.
.DEFAULT_GOAL := help
.PHONY: help setup build up down test lint conventions bench chaos superset lock docs report clean

help:           ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

setup:          ## .venv with the locked packages
	@.ci/setup.sh

build:          ## the main job: server, load, marts, clusters, summary
	@.ci/build.sh

test:           ## lint, conventions, dbt tests and pytest
	@.ci/test.sh

up:             ## start the embedded PostgreSQL
	@.ci/up.sh

down:           ## stop it
	@.venv/bin/nexasat down

lint:           ## SQL and Python style and types only
	@.ci/lint.sh

conventions:    ## build from nothing, dbt tests, docs, dbt-bouncer
	@.ci/conventions.sh

bench:          ## the benchmarks, with the hand-written SQL floor and the notebook
	@.ci/bench.sh

chaos:          ## 200 builds killed at random while readers watch: an hour or two; .ci/chaos.sh --help
	@.ci/chaos.sh

superset:       ## Apache Superset on the marts, at http://127.0.0.1:8088; the first time takes minutes
	@.ci/superset.sh

docs:           ## the dbt docs of the built warehouse, in target/
	@.ci/docs.sh

report:         ## pictures of the built warehouse, in site/: no server, no network
	@.ci/report.sh

lock:           ## resolve requirements/*.lock anew (needs uv)
	@.ci/lock.sh

clean:          ## stop the server and remove .venv, .nexasat and what dbt wrote
	@.ci/clean.sh
