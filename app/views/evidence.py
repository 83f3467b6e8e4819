"""Evidence: what was measured about the risk model, for principals."""

import streamlit as st

from app import evidence, ui

looking, here = ui.looking()
ui.left_student()
st.title("Evidence", anchor=False)
evidence.show(looking, here)
