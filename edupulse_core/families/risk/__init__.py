"""The risk family: from 20 weeks of school records to an expected severity."""

NAME = "risk"
